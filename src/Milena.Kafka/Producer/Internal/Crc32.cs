namespace Milena.Kafka.Producer.Internal;

/// <summary>CRC-32 as zlib has it, and the partition that librdkafka makes of it.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xedb88320;

    private static readonly uint[] Table = CreateTable();

    public static int Partition(ReadOnlySpan<byte> key, int partitionCount)
    {
        uint crc = uint.MaxValue;
        foreach (byte part in key)
        {
            crc = (crc >> 8) ^ Table[(byte)(crc ^ part)];
        }

        return (int)(~crc % (uint)partitionCount);
    }

    private static uint[] CreateTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint entry = i;
            for (int bit = 0; bit < 8; bit++)
            {
                entry = (entry & 1) != 0 ? (entry >> 1) ^ Polynomial : entry >> 1;
            }

            table[i] = entry;
        }

        return table;
    }
}
