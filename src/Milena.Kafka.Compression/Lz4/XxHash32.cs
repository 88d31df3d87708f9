using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>xxHash32, the checksum of the LZ4 frame format.</summary>
internal static class XxHash32
{
    private const uint Prime1 = 2654435761;
    private const uint Prime2 = 2246822519;
    private const uint Prime3 = 3266489917;
    private const uint Prime4 = 668265263;
    private const uint Prime5 = 374761393;
    private const int StripeSize = 16;

    /// <summary>The hash of bytes in one piece.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint seed = 0)
    {
        uint hash = bytes.Length >= StripeSize ? Stripes(bytes, seed) : seed + Prime5;
        hash += (uint)bytes.Length;
        ReadOnlySpan<byte> rest = bytes[(bytes.Length & ~(StripeSize - 1))..];
        for (; rest.Length >= sizeof(uint); rest = rest[sizeof(uint)..])
        {
            hash += BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime3;
            hash = BitOperations.RotateLeft(hash, 17) * Prime4;
        }

        foreach (byte next in rest)
        {
            hash += next * Prime5;
            hash = BitOperations.RotateLeft(hash, 11) * Prime1;
        }

        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }

    private static uint Stripes(ReadOnlySpan<byte> bytes, uint seed)
    {
        uint a = seed + Prime1 + Prime2;
        uint b = seed + Prime2;
        uint c = seed;
        uint d = seed - Prime1;

        // Four numbers for each whole stripe.
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(bytes[..(bytes.Length & ~(StripeSize - 1))]);
        for (int i = 0; i + 3 < words.Length; i += 4)
        {
            a = Round(a, words[i]);
            b = Round(b, words[i + 1]);
            c = Round(c, words[i + 2]);
            d = Round(d, words[i + 3]);
        }

        return BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Round(uint lane, uint word)
    {
        uint number = BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
        return BitOperations.RotateLeft(lane + (number * Prime2), 13) * Prime1;
    }
}
