namespace Milena.Kafka.Producer.Internal;

/// <summary>FNV-1a of 32 bits, and the partition that Sarama's hash partitioner and librdkafka make of it.</summary>
internal static class Fnv1a
{
    private const uint Offset = 0x811c9dc5;
    private const uint Prime = 0x01000193;

    /// <summary>Sarama takes the absolute value where Java clears the sign bit; that of the least number stays what it is as an unsigned one.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitionCount)
    {
        uint hash = Offset;
        foreach (byte part in key)
        {
            hash = unchecked((hash ^ part) * Prime);
        }

        uint magnitude = (int)hash < 0 ? unchecked(0u - hash) : hash;
        return (int)(magnitude % (uint)partitionCount);
    }
}
