using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Takes the latest place where eight bytes are the same, or else the latest where a few are.</summary>
internal sealed class DoubleFastMatchFinder : MatchFinder
{
    // After so many bytes without a match (as a power of two) the steps grow by one.
    private const int PatienceLog = 8;

    private int[]? _long;
    private int[]? _short;

    public override void Find(ReadOnlySpan<byte> source, int start, int end, SequenceStore store)
    {
        // Bound of all reads: they are of eight bytes from places at most eight before the block's end, or from earlier places that
        // were checked to lie in the input. Bound of the tables: a hash has as many bits as its table's size.
        ref byte input = ref MemoryMarshal.GetReference(source);
        ref int longs = ref MemoryMarshal.GetArrayDataReference(_long!);
        ref int shorts = ref MemoryMarshal.GetArrayDataReference(_short!);
        int longShift = 64 - Parameters.HashLog;
        int shortShift = 64 - Parameters.SecondLog;
        ulong longFactor = HashFactor(WordSize);
        ulong shortFactor = HashFactor(Parameters.MinMatch);
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
            ref int longEntry = ref Unsafe.Add(ref longs, Hash(word, longFactor, longShift));
            ref int shortEntry = ref Unsafe.Add(ref shorts, Hash(word, shortFactor, shortShift));
            int longCandidate = longEntry - origin;
            int candidate = shortEntry - origin;
            longEntry = position + origin;
            shortEntry = position + origin;
            int scanned = position;
            int length;
            if ((uint)(word >> 8) == ReadHalf(ref input, position + 1 - (int)latest))
            {
                position++;
                length = MinLength + CountSame(ref input, position + MinLength, position + MinLength - (int)latest, end);
                store.Add(source, anchor, position, Sequence.LatestOffset, length);
            }
            else
            {
                if (longCandidate >= low && word == ReadWord(ref input, longCandidate))
                {
                    candidate = longCandidate;
                    length = WordSize;
                }
                else if (candidate >= low && (uint)word == ReadHalf(ref input, candidate))
                {
                    // A long match one byte on is worth more than a short one here.
                    ulong nextWord = ReadWord(ref input, position + 1);
                    ref int nextEntry = ref Unsafe.Add(ref longs, Hash(nextWord, longFactor, longShift));
                    int nextCandidate = nextEntry - origin;
                    nextEntry = position + 1 + origin;
                    length = MinLength;
                    if (nextCandidate >= low && nextWord == ReadWord(ref input, nextCandidate))
                    {
                        candidate = nextCandidate;
                        length = WordSize;
                        position++;
                    }
                }
                else
                {
                    position += ((position - anchor) >> PatienceLog) + 1;
                    continue;
                }

                length += CountSame(ref input, position + length, candidate + length, end);
                int before = CountSameBefore(ref input, position, candidate, anchor, low);
                previous = latest;
                latest = (uint)(position - candidate);
                position -= before;
                length += before;
                store.Add(source, anchor, position, latest + Sequence.OffsetBase, length);
            }

            position += length;
            anchor = position;
            if (position > last)
            {
                break;
            }

            word = ReadWord(ref input, scanned + 2);
            Unsafe.Add(ref longs, Hash(word, longFactor, longShift)) = scanned + 2 + origin;
            Unsafe.Add(ref shorts, Hash(word, shortFactor, shortShift)) = scanned + 2 + origin;
            Unsafe.Add(ref longs, Hash(ReadWord(ref input, position - 2), longFactor, longShift)) = position - 2 + origin;
            Unsafe.Add(ref shorts, Hash(ReadWord(ref input, position - 1), shortFactor, shortShift)) = position - 1 + origin;
            while (position <= last && ReadHalf(ref input, position) == ReadHalf(ref input, position - (int)previous))
            {
                length = MinLength + CountSame(ref input, position + MinLength, position + MinLength - (int)previous, end);
                (latest, previous) = (previous, latest);
                store.Add(source, position, position, Sequence.LatestOffset, length);
                word = ReadWord(ref input, position);
                Unsafe.Add(ref longs, Hash(word, longFactor, longShift)) = position + origin;
                Unsafe.Add(ref shorts, Hash(word, shortFactor, shortShift)) = position + origin;
                position += length;
                anchor = position;
            }
        }

        store.Repeats.First = latest;
        store.Repeats.Second = previous;
        store.AddLiterals(source[anchor..end]);
    }

    protected override void PrepareTables()
    {
        _long = Prepare(_long, Parameters.HashLog);
        _short = Prepare(_short, Parameters.SecondLog);
    }

    protected override void ClearTables()
    {
        _long?.AsSpan().Clear();
        _short?.AsSpan().Clear();
    }
}
