using System.Runtime.CompilerServices;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>Encodes LZ4 blocks by a hash table of the last place of each four or five bytes, as liblz4's fast levels do.</summary>
internal static unsafe class Lz4FastEncoder
{
    /// <summary>Bytes of a table of either kind.</summary>
    public const int TableSize = 16 * 1024;

    /// <summary>The largest block for <see cref="Lz4NearTable"/>.</summary>
    public const int MaxNearLength = 64 * 1024;

    /// <summary>Encodes the block that starts at <paramref name="start"/>.</summary>
    /// <typeparam name="TTable">The kind of table.</typeparam>
    /// <param name="source">What matches may reach, then the block.</param>
    /// <param name="start">How much of the source stands before the block.</param>
    /// <param name="destination">Room for <see cref="Lz4Sequence.MaxEncodedLength"/> of the block.</param>
    /// <param name="table">Places within the source, cleared or left by the block before; the workspace of <see cref="TableSize"/>.</param>
    /// <param name="acceleration">1, or more to look at fewer places.</param>
    /// <returns>The length of the encoded block.</returns>
    public static int Encode<TTable>(ReadOnlySpan<byte> source, int start, Span<byte> destination, Span<byte> table, int acceleration)
        where TTable : struct, ILz4Table
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)source.Length, nameof(start));
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, Lz4Sequence.MaxEncodedLength(source.Length - start), nameof(destination));
        ArgumentOutOfRangeException.ThrowIfLessThan(table.Length, TableSize, nameof(table));
        fixed (byte* input = source)
        fixed (byte* output = destination)
        fixed (byte* places = table)
        {
            byte* end = Encode<TTable>(input, input + start, input + source.Length, output, places, acceleration);
            return (int)(end - output);
        }
    }

    // Bounds: places in the table are always below input, as it holds none of this block yet, and 0 is input's base; hashes have as many
    // bits as the table has entries; nothing is read beyond last + 16, which is the end.
    private static byte* Encode<TTable>(byte* source, byte* block, byte* end, byte* output, void* table, int acceleration)
        where TTable : struct, ILz4Table
    {
        byte* literal = block;
        byte* last = end - Lz4Sequence.MatchFreeEnd;
        byte* matchEnd = end - Lz4Sequence.LiteralEnd;
        if (end - block <= Lz4Sequence.MatchFreeEnd)
        {
            return Lz4Sequence.WriteRest(output, literal, end);
        }

        TTable.Put(table, TTable.Hash(block), (uint)(block - source));
        byte* input = block + 1;
        while (true)
        {
            byte* candidate = FindMatch<TTable>(source, ref input, last, table, acceleration);
            if (candidate == null)
            {
                return Lz4Sequence.WriteRest(output, literal, end);
            }

            while (input > literal && candidate > source && input[-1] == candidate[-1])
            {
                input--;
                candidate--;
            }

            bool isMatch;
            do
            {
                int length = Lz4Sequence.MinMatch + Match.Length(candidate + Lz4Sequence.MinMatch, input + Lz4Sequence.MinMatch, matchEnd);
                output = Lz4Sequence.Write(output, literal, (int)(input - literal), (int)(input - candidate), length);
                input += length;
                literal = input;
                if (input > last)
                {
                    return Lz4Sequence.WriteRest(output, literal, end);
                }

                TTable.Put(table, TTable.Hash(input - 2), (uint)(input - 2 - source));
                uint hash = TTable.Hash(input);
                candidate = source + TTable.Get(table, hash);
                TTable.Put(table, hash, (uint)(input - source));
                isMatch = IsMatch<TTable>(candidate, input);
            }
            while (isMatch);

            input++;
        }
    }

    // Looks at every byte first and at fewer and fewer as it finds nothing: what cannot be compressed is passed over quickly.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* FindMatch<TTable>(byte* source, ref byte* position, byte* last, void* table, int acceleration)
        where TTable : struct, ILz4Table
    {
        byte* next = position;
        if (next > last)
        {
            return null;
        }

        uint nextHash = TTable.Hash(next);
        uint tries = (uint)acceleration << 6;
        uint step = 1;
        byte* input;
        byte* candidate;
        do
        {
            input = next;
            uint hash = nextHash;
            next += step;
            step = tries++ >> 6;
            if (next > last)
            {
                return null;
            }

            candidate = source + TTable.Get(table, hash);
            nextHash = TTable.Hash(next);
            TTable.Put(table, hash, (uint)(input - source));
        }
        while (!IsMatch<TTable>(candidate, input));

        position = input;
        return candidate;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsMatch<TTable>(byte* candidate, byte* input)
        where TTable : struct, ILz4Table =>
        (!TTable.IsFar || input - candidate <= Lz4Sequence.MaxOffset)
        && Unsafe.ReadUnaligned<uint>(candidate) == Unsafe.ReadUnaligned<uint>(input);
}
