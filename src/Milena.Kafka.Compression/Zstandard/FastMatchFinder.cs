using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Takes the latest place with the same hash. Steps grow while nothing is found, so that noise costs little.</summary>
internal sealed class FastMatchFinder : MatchFinder
{
    // After so many bytes without a match (as a power of two) the steps grow by one.
    private const int PatienceLog = 7;

    private int[]? _table;

    public override void Find(ReadOnlySpan<byte> source, int start, int end, SequenceStore store)
    {
        // Bound of all reads: they are of eight bytes from places at most eight before the block's end, or from earlier places that
        // were checked to lie in the input. Bound of the table: a hash has as many bits as the table's size.
        ref byte input = ref MemoryMarshal.GetReference(source);
        ref int table = ref MemoryMarshal.GetArrayDataReference(_table!);
        int shift = 64 - Parameters.HashLog;
        ulong factor = HashFactor(Parameters.MinMatch);
        int step = Parameters.Effort;
        int low = Math.Max(0, end - (1 << Parameters.WindowLog));
        int origin = Base;
        int last = end - WordSize - 1;
        uint latest = store.Repeats.First;
        uint previous = store.Repeats.Second;
        int anchor = start;
        int position = start;
        while (position <= last)
        {
            ulong word = ReadWord(ref input, position);
            ref int entry = ref Unsafe.Add(ref table, Hash(word, factor, shift));
            int candidate = entry - origin;
            entry = position + origin;
            int length;
            if ((uint)(word >> 8) == ReadHalf(ref input, position + 1 - (int)latest))
            {
                position++;
                length = MinLength + CountSame(ref input, position + MinLength, position + MinLength - (int)latest, end);
                store.Add(source, anchor, position, Sequence.LatestOffset, length);
            }
            else if (candidate >= low && (uint)word == ReadHalf(ref input, candidate))
            {
                length = MinLength + CountSame(ref input, position + MinLength, candidate + MinLength, end);
                int before = CountSameBefore(ref input, position, candidate, anchor, low);
                previous = latest;
                latest = (uint)(position - candidate);
                position -= before;
                length += before;
                store.Add(source, anchor, position, latest + Sequence.OffsetBase, length);
            }
            else
            {
                position += ((position - anchor) >> PatienceLog) + step;
                continue;
            }

            int matched = position;
            position += length;
            anchor = position;
            if (position <= last)
            {
                Unsafe.Add(ref table, Hash(ReadWord(ref input, matched + 2), factor, shift)) = matched + 2 + origin;
                Unsafe.Add(ref table, Hash(ReadWord(ref input, position - 2), factor, shift)) = position - 2 + origin;
                while (position <= last && ReadHalf(ref input, position) == ReadHalf(ref input, position - (int)previous))
                {
                    length = MinLength + CountSame(ref input, position + MinLength, position + MinLength - (int)previous, end);
                    (latest, previous) = (previous, latest);
                    store.Add(source, position, position, Sequence.LatestOffset, length);
                    Unsafe.Add(ref table, Hash(ReadWord(ref input, position), factor, shift)) = position + origin;
                    position += length;
                    anchor = position;
                }
            }
        }

        store.Repeats.First = latest;
        store.Repeats.Second = previous;
        store.AddLiterals(source[anchor..end]);
    }

    protected override void PrepareTables() => _table = Prepare(_table, Parameters.HashLog);

    protected override void ClearTables() => _table?.AsSpan().Clear();
}
