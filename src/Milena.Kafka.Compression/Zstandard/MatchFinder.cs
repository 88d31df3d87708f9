using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Cuts a block into literals and matches. Tables are kept between calls without being cleared.</summary>
/// <remarks>
/// A table holds places plus <see cref="Base"/>, which grows with every input: what an earlier input left behind lies below it and
/// reads as a place before the input's begin.
/// </remarks>
internal abstract class MatchFinder
{
    /// <summary>Bytes that are hashed or compared at once; no match begins closer to a block's end.</summary>
    protected const int WordSize = 8;

    /// <summary>The shortest match.</summary>
    protected const int MinLength = 4;

    private const ulong Prime4 = 0x9E3779B100000000;
    private const ulong Prime5 = 889523592379UL << 24;
    private const ulong Prime6 = 227718039650203UL << 16;
    private const ulong Prime7 = 58295818150454627UL << 8;
    private const ulong Prime8 = 0xCF1BBCDCB7A56463;

    private int _end = 1;

    /// <summary>What is added to the places of this input.</summary>
    protected int Base { get; private set; }

    protected EncodeParameters Parameters { get; private set; }

    /// <summary>Makes ready for an input.</summary>
    public void Start(in EncodeParameters parameters, int size)
    {
        Parameters = parameters;
        if (_end > int.MaxValue - size)
        {
            ClearTables();
            _end = 1;
        }

        Base = _end;
        _end += size;
        PrepareTables();
    }

    /// <summary>Puts the block from <paramref name="start"/> to <paramref name="end"/> into the store.</summary>
    public abstract void Find(ReadOnlySpan<byte> source, int start, int end, SequenceStore store);

    protected abstract void PrepareTables();

    protected abstract void ClearTables();

    /// <summary>A table of 2^log entries, the one at hand if it is large enough.</summary>
    protected static int[] Prepare(int[]? table, int log) => table is not null && table.Length >= 1 << log ? table : new int[1 << log];

    /// <summary>The factor of the hash of so many bytes: shifted so that bytes beyond have no influence.</summary>
    protected static ulong HashFactor(int bytes) => bytes switch { 4 => Prime4, 5 => Prime5, 6 => Prime6, 7 => Prime7, _ => Prime8 };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static nint Hash(ulong word, ulong factor, int shift) => (nint)((word * factor) >> shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static ulong ReadWord(ref byte source, int position)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, position));
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static uint ReadHalf(ref byte source, int position)
    {
        uint half = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, position));
        return BitConverter.IsLittleEndian ? half : BinaryPrimitives.ReverseEndianness(half);
    }

    /// <summary>How many bytes at the two places are the same, at most up to <paramref name="end"/>.</summary>
    /// <remarks>Bound: <paramref name="earlier"/> lies before <paramref name="position"/>, which lies not behind the end, which is in the input.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static int CountSame(ref byte source, int position, int earlier, int end)
    {
        int start = position;
        while (position <= end - WordSize)
        {
            ulong difference = ReadWord(ref source, position) ^ ReadWord(ref source, earlier);
            if (difference != 0)
            {
                return position + (BitOperations.TrailingZeroCount(difference) >> 3) - start;
            }

            position += WordSize;
            earlier += WordSize;
        }

        while (position < end && Unsafe.Add(ref source, position) == Unsafe.Add(ref source, earlier))
        {
            position++;
            earlier++;
        }

        return position - start;
    }

    /// <summary>How many bytes right before the two places are the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static int CountSameBefore(ref byte source, int position, int earlier, int anchor, int low)
    {
        int count = 0;
        while (position - count > anchor && earlier - count > low && Unsafe.Add(ref source, position - count - 1) == Unsafe.Add(ref source, earlier - count - 1))
        {
            count++;
        }

        return count;
    }
}
