using System.Buffers.Binary;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Kafka's variant of murmur2, 32 bits, and the partition that the Java client's default partitioner makes of it.</summary>
internal static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;
    private const int Shift = 24;

    public static int Hash(ReadOnlySpan<byte> key)
    {
        uint hash = Seed ^ (uint)key.Length;
        while (key.Length >= 4)
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(key) * Multiplier;
            word = (word ^ (word >> Shift)) * Multiplier;
            hash = (hash * Multiplier) ^ word;
            key = key[4..];
        }

        if (!key.IsEmpty)
        {
            uint tail = key[0];
            tail |= key.Length > 1 ? (uint)key[1] << 8 : 0;
            tail |= key.Length > 2 ? (uint)key[2] << 16 : 0;
            hash = (hash ^ tail) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return (int)(hash ^ (hash >> 15));
    }

    /// <summary>Java clears the sign bit; it does not take the absolute value, and neither does it skip the step.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitionCount) => (Hash(key) & 0x7fffffff) % partitionCount;
}
