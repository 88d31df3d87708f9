using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>xxHash64 of bytes that lie in one run; a frame's content checksum is the lower half of it with seed 0.</summary>
internal static class XxHash64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    /// <summary>The hash of <paramref name="source"/>.</summary>
    public static ulong Hash(ReadOnlySpan<byte> source, ulong seed = 0)
    {
        ulong length = (ulong)source.Length;
        ulong hash = source.Length >= 32 ? HashStripes(ref source, seed) : seed + Prime5;
        return Finish(hash + length, source);
    }

    /// <summary>What a frame carries as content checksum.</summary>
    public static uint Checksum(ReadOnlySpan<byte> content) => (uint)Hash(content);

    private static ulong HashStripes(ref ReadOnlySpan<byte> source, ulong seed)
    {
        ReadOnlySpan<ulong> lanes = MemoryMarshal.Cast<byte, ulong>(source[..(source.Length & ~31)]);
        ulong a = seed + Prime1 + Prime2;
        ulong b = seed + Prime2;
        ulong c = seed;
        ulong d = seed - Prime1;
        for (; lanes.Length >= 4; lanes = lanes[4..])
        {
            a = Round(a, Lane(lanes[0]));
            b = Round(b, Lane(lanes[1]));
            c = Round(c, Lane(lanes[2]));
            d = Round(d, Lane(lanes[3]));
        }

        source = source[(source.Length & ~31)..];
        ulong hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
        return Merge(Merge(Merge(Merge(hash, a), b), c), d);
    }

    private static ulong Finish(ulong hash, ReadOnlySpan<byte> rest)
    {
        for (; rest.Length >= 8; rest = rest[8..])
        {
            hash = (BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * Prime1) + Prime4;
        }

        if (rest.Length >= 4)
        {
            hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1), 23) * Prime2) + Prime3;
            rest = rest[4..];
        }

        foreach (byte value in rest)
        {
            hash = BitOperations.RotateLeft(hash ^ (value * Prime5), 11) * Prime1;
        }

        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    private static ulong Lane(ulong value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    private static ulong Round(ulong accumulator, ulong lane) => BitOperations.RotateLeft(accumulator + (lane * Prime2), 31) * Prime1;

    private static ulong Merge(ulong hash, ulong accumulator) => ((hash ^ Round(0, accumulator)) * Prime1) + Prime4;
}
