using System.Buffers.Binary;
using System.Numerics;

namespace Milena.Kafka.Protocol.Records;

/// <summary>CRC-32C (Castagnoli), the checksum of record batches, on the processor's own instruction where it has one.</summary>
public static class Crc32C
{
    // The instruction takes three cycles and may begin in each: three lanes side by side keep it busy.
    private const int LaneSize = 1024;

    private static readonly uint[] LaneShift = MakeLaneShift();

    /// <summary>The checksum of a run of bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= 3 * LaneSize)
        {
            crc = AppendLanes(crc, bytes[..LaneSize], bytes.Slice(LaneSize, LaneSize), bytes.Slice(2 * LaneSize, LaneSize));
            bytes = bytes[(3 * LaneSize)..];
        }

        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (byte next in bytes)
        {
            crc = BitOperations.Crc32C(crc, next);
        }

        return ~crc;
    }

    // A CRC without its inversions is linear: what the bytes before a lane make of it is that many zero bytes appended to theirs.
    private static uint AppendLanes(uint crc, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        uint a = crc;
        uint b = 0;
        uint c = 0;
        for (int i = 0; i <= LaneSize - 8; i += 8)
        {
            a = BitOperations.Crc32C(a, BinaryPrimitives.ReadUInt64LittleEndian(first.Slice(i, 8)));
            b = BitOperations.Crc32C(b, BinaryPrimitives.ReadUInt64LittleEndian(second.Slice(i, 8)));
            c = BitOperations.Crc32C(c, BinaryPrimitives.ReadUInt64LittleEndian(third.Slice(i, 8)));
        }

        return ShiftByLane(ShiftByLane(a) ^ b) ^ c;
    }

    private static uint ShiftByLane(uint crc)
    {
        ReadOnlySpan<uint> shift = LaneShift;
        return shift[(byte)crc] ^ shift[256 + (byte)(crc >> 8)] ^ shift[512 + (byte)(crc >> 16)] ^ shift[768 + (int)(crc >> 24)];
    }

    // What a lane of zeros makes of each value of each byte of a CRC.
    private static uint[] MakeLaneShift()
    {
        var shift = new uint[4 * 256];
        for (int i = 0; i < shift.Length; i++)
        {
            uint crc = (uint)(i & 255) << (i / 256 * 8);
            for (int zeros = 0; zeros < LaneSize; zeros += 8)
            {
                crc = BitOperations.Crc32C(crc, 0UL);
            }

            shift[i] = crc;
        }

        return shift;
    }
}
