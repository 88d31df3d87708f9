using System.Runtime.CompilerServices;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>Encodes LZ4 blocks by chains of all places with the same hash, and puts a match off if the next byte starts a longer one.</summary>
internal static unsafe class Lz4HighEncoder
{
    /// <summary>The lowest level that is not fast.</summary>
    public const int MinLevel = 3;

    /// <summary>Bytes of the workspace.</summary>
    public const int WorkspaceSize = (HashSize * sizeof(int)) + (ChainSize * sizeof(ushort));

    private const int HashBits = 15;
    private const int HashSize = 1 << HashBits;
    private const int ChainSize = 1 << 16;
    private const int MaxLevel = 12;

    // A match this long is taken without looking for a better one.
    private const int GoodLength = 256;

    /// <summary>Encodes the block that starts at <paramref name="start"/>.</summary>
    /// <param name="source">What matches may reach, then the block.</param>
    /// <param name="start">How much of the source stands before the block.</param>
    /// <param name="destination">Room for <see cref="Lz4Sequence.MaxEncodedLength"/> of the block.</param>
    /// <param name="workspace">The workspace of <see cref="WorkspaceSize"/>, as the block before left it; its content does not matter if there is none.</param>
    /// <param name="level">How hard to look.</param>
    /// <returns>The length of the encoded block.</returns>
    public static int Encode(ReadOnlySpan<byte> source, int start, Span<byte> destination, Span<int> workspace, int level)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)source.Length, nameof(start));
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, Lz4Sequence.MaxEncodedLength(source.Length - start), nameof(destination));
        ArgumentOutOfRangeException.ThrowIfLessThan(workspace.Length, WorkspaceSize / sizeof(int), nameof(workspace));
        if (start == 0)
        {
            // The chain needs no clearing: it is entered through the table only.
            workspace[..HashSize].Fill(-1);
        }

        fixed (byte* input = source)
        fixed (byte* output = destination)
        fixed (int* table = workspace)
        {
            var search = new Search(input, input + source.Length, table, (ushort*)(table + HashSize), Math.Min(level, MaxLevel), start);
            return (int)(Encode(ref search, input + start, output) - output);
        }
    }

    private static byte* Encode(ref Search search, byte* block, byte* output)
    {
        byte* literal = block;
        byte* input = block;
        if (search.End - block <= Lz4Sequence.MatchFreeEnd)
        {
            return Lz4Sequence.WriteRest(output, literal, search.End);
        }

        while (input <= search.Last)
        {
            Found best = search.Find(input, literal, Lz4Sequence.MinMatch - 1);
            if (best.Length == 0)
            {
                input++;
                continue;
            }

            // A later match must make up for the literal that it costs.
            while (best.Length < GoodLength)
            {
                byte* next = input + 1;
                if (next > search.Last || next >= best.Start + best.Length)
                {
                    break;
                }

                Found later = search.Find(next, literal, best.Length);
                if (later.Length == 0)
                {
                    break;
                }

                best = later;
                input = next;
            }

            output = Lz4Sequence.Write(output, literal, (int)(best.Start - literal), best.Offset, best.Length);
            literal = input = best.Start + best.Length;
        }

        return Lz4Sequence.WriteRest(output, literal, search.End);
    }

    private readonly struct Found(byte* start, int offset, int length)
    {
        public byte* Start { get; } = start;

        public int Offset { get; } = offset;

        public int Length { get; } = length;
    }

    // Bounds: places in the table are below the next one to be put in; four bytes are read up to last + 4, and last + 16 is the end;
    // the chain is indexed by 16 bits, as many as it has entries, and a delta that leads beyond the window or the source ends the walk.
    private ref struct Search(byte* source, byte* end, int* table, ushort* chain, int level, int next)
    {
        public readonly byte* End = end;
        public readonly byte* Last = end - Lz4Sequence.MatchFreeEnd;
        private readonly byte* _matchEnd = end - Lz4Sequence.LiteralEnd;
        private readonly int _depth = 1 << (level - 1 + (level / 10 * 2));
        private int _next = next;

        /// <summary>The longest match that covers the place, longer than <paramref name="length"/>; it may start earlier, down to <paramref name="floor"/>.</summary>
        public Found Find(byte* input, byte* floor, int length)
        {
            Insert((int)(input - source));
            int place = (int)(input - source);
            int candidate = table[Hash(input)];
            uint first = Unsafe.ReadUnaligned<uint>(input);
            var best = new Found(input, 0, 0);
            for (int i = 0; i < _depth && candidate >= 0 && place - candidate <= Lz4Sequence.MaxOffset; i++)
            {
                byte* match = source + candidate;
                if (Unsafe.ReadUnaligned<uint>(match) == first)
                {
                    int count = 4 + Match.Length(match + 4, input + 4, _matchEnd);
                    int back = 0;
                    while (input - back > floor && match - back > source && input[-back - 1] == match[-back - 1])
                    {
                        back++;
                    }

                    if (count + back > length)
                    {
                        length = count + back;
                        best = new Found(input - back, place - candidate, length);
                    }
                }

                int delta = chain[candidate & (ChainSize - 1)];
                candidate = delta == 0 ? -1 : candidate - delta;
            }

            return best;
        }

        private void Insert(int end)
        {
            for (; _next < end; _next++)
            {
                uint hash = Hash(source + _next);
                int delta = table[hash] < 0 ? 0 : _next - table[hash];
                chain[_next & (ChainSize - 1)] = (ushort)(delta > Lz4Sequence.MaxOffset ? 0 : delta);
                table[hash] = _next;
            }
        }

        private static uint Hash(byte* input) => (Unsafe.ReadUnaligned<uint>(input) * 2654435761) >> (32 - HashBits);
    }
}
