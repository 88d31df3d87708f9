using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Milena.Kafka.Compression;

/// <summary>Finds how far two runs of bytes agree and repeats earlier output: the inner loops of the byte-oriented codecs.</summary>
/// <remarks>Pointers, as these loops are most of a codec's time. Callers keep every bound; each method says which.</remarks>
internal static unsafe class Match
{
    /// <summary>How many bytes beyond its end <see cref="CopyWild"/> may write.</summary>
    public const int WildSlack = 16;

    // Row n holds i % n for i from 0 to 15: what to take from n bytes to repeat them.
    private static ReadOnlySpan<byte> Patterns =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
        0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0,
        0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
        0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
        0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3,
        0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1,
        0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 1,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
    ];

    // The largest multiple of the row's number that 16 bytes hold.
    private static ReadOnlySpan<byte> Steps => [16, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15];

    /// <summary>Counts the bytes that agree. Reads <paramref name="later"/> up to <paramref name="limit"/>, and as much of <paramref name="earlier"/>, which lies before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Length(byte* earlier, byte* later, byte* limit)
    {
        byte* start = later;
        while (limit - later >= sizeof(ulong))
        {
            ulong difference = Unsafe.ReadUnaligned<ulong>(earlier) ^ Unsafe.ReadUnaligned<ulong>(later);
            if (difference != 0)
            {
                int same = BitConverter.IsLittleEndian ? BitOperations.TrailingZeroCount(difference) : BitOperations.LeadingZeroCount(difference);
                return (int)(later - start) + (same >> 3);
            }

            later += sizeof(ulong);
            earlier += sizeof(ulong);
        }

        while (later < limit && *earlier == *later)
        {
            later++;
            earlier++;
        }

        return (int)(later - start);
    }

    /// <summary>
    /// Writes at <paramref name="to"/> what stands <paramref name="offset"/> bytes before it. The caller has checked that so much was written
    /// before, that the offset is not 0, and that <paramref name="length"/> + <see cref="WildSlack"/> bytes of room follow.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyWild(byte* to, nint offset, nint length)
    {
        byte* from = to - offset;
        byte* end = to + length;
        if (offset >= Vector128<byte>.Count)
        {
            do
            {
                Vector128.Load(from).Store(to);
                to += Vector128<byte>.Count;
                from += Vector128<byte>.Count;
            }
            while (to < end);
            return;
        }

        Repeat(from, to, end, offset);
    }

    /// <summary>As <see cref="CopyWild"/>, but writes exactly <paramref name="length"/> bytes.</summary>
    public static void CopyExact(byte* to, nint offset, nint length)
    {
        nint wild = length - WildSlack;
        if (wild > 0)
        {
            CopyWild(to, offset, wild);
            to += wild;
            length -= wild;
        }

        for (nint i = 0; i < length; i++)
        {
            to[i] = to[i - offset];
        }
    }

    // Offsets below 16: each store is a whole number of periods ahead of the one before. Reads and writes stay below end + 16.
    private static void Repeat(byte* from, byte* to, byte* end, nint offset)
    {
        ref byte row = ref Unsafe.Add(ref MemoryMarshal.GetReference(Patterns), offset * 16);
        Vector128<byte> pattern = Vector128.ShuffleNative(Vector128.Load(from), Vector128.LoadUnsafe(ref row));
        nint step = Unsafe.Add(ref MemoryMarshal.GetReference(Steps), offset);
        do
        {
            pattern.Store(to);
            to += step;
        }
        while (to < end);
    }
}
