using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Follows chains of places with the same hash, and takes a match only if the next two bytes do not begin a better one.</summary>
internal sealed class LazyMatchFinder : MatchFinder
{
    // A match this long is taken at once.
    private const int GoodLength = 192;

    private const int PatienceLog = 8;

    private int[]? _heads;
    private int[]? _chain;
    private int _inserted;

    public override void Find(ReadOnlySpan<byte> source, int start, int end, SequenceStore store)
    {
        int low = Math.Max(0, end - (1 << Parameters.WindowLog));
        int last = end - WordSize - 1;
        uint latest = store.Repeats.First;
        uint previous = store.Repeats.Second;
        int anchor = start;
        int position = start;
        while (position <= last)
        {
            // Directly behind a match the number of the latest offset names the one before it.
            FoundMatch match = Search(source, position, end, low, (int)(position == anchor ? previous : latest));
            if (match.Length == 0)
            {
                position += ((position - anchor) >> PatienceLog) + 1;
                continue;
            }

            position = LookAhead(source, position, end, low, (int)latest, ref match);
            if (match.IsRepeat)
            {
                (latest, previous) = position == anchor ? (previous, latest) : (latest, previous);
                store.Add(source, anchor, position, Sequence.LatestOffset, match.Length);
                position += match.Length;
            }
            else
            {
                int before = CountSameBefore(ref MemoryMarshal.GetReference(source), position, position - match.Offset, anchor, low);
                (latest, previous) = ((uint)match.Offset, latest);
                store.Add(source, anchor, position - before, latest + Sequence.OffsetBase, match.Length + before);
                position += match.Length;
            }

            anchor = position;
        }

        store.Repeats.First = latest;
        store.Repeats.Second = previous;
        store.AddLiterals(source[anchor..end]);
    }

    protected override void PrepareTables()
    {
        _heads = Prepare(_heads, Parameters.HashLog);
        _chain = Prepare(_chain, Parameters.SecondLog);
        _inserted = 0;
    }

    protected override void ClearTables()
    {
        _heads?.AsSpan().Clear();
        _chain?.AsSpan().Clear();
    }

    // Moves on as long as one or two bytes more of literals buy a better match.
    private int LookAhead(ReadOnlySpan<byte> source, int position, int end, int low, int latest, ref FoundMatch match)
    {
        int last = end - WordSize - 1;
        while (match.Length < GoodLength)
        {
            bool isBetter = false;
            for (int ahead = 1; ahead <= 2 && position + ahead <= last && !isBetter; ahead++)
            {
                FoundMatch next = Search(source, position + ahead, end, low, latest);
                isBetter = next.Length != 0 && next.Gain > match.Gain + (ahead == 1 ? 4 : 7);
                if (isBetter)
                {
                    match = next;
                    position += ahead;
                }
            }

            if (!isBetter)
            {
                break;
            }
        }

        return position;
    }

    private FoundMatch Search(ReadOnlySpan<byte> source, int position, int end, int low, int repeat)
    {
        // Bound of all reads: position is at least nine bytes before the end, candidates lie before it and not below zero.
        // Bound of the tables: hashes and masked places have as many bits as the tables' sizes.
        ref byte input = ref MemoryMarshal.GetReference(source);
        ref int chain = ref MemoryMarshal.GetArrayDataReference(_chain!);
        uint word = ReadHalf(ref input, position);
        FoundMatch best = default;
        if (repeat <= position && word == ReadHalf(ref input, position - repeat))
        {
            best = new FoundMatch(MinLength + CountSame(ref input, position + MinLength, position + MinLength - repeat, end), repeat, true);
        }

        int candidate = Insert(ref input, position);
        int mask = (1 << Parameters.SecondLog) - 1;
        int lowest = Math.Max(low, position - mask);
        for (int effort = Parameters.Effort; effort > 0 && candidate >= lowest && best.Length < GoodLength; effort--)
        {
            if (word == ReadHalf(ref input, candidate))
            {
                var match = new FoundMatch(MinLength + CountSame(ref input, position + MinLength, candidate + MinLength, end), position - candidate, false);
                if (best.Length == 0 || match.Gain > best.Gain)
                {
                    best = match;
                }
            }

            int next = Unsafe.Add(ref chain, candidate & mask) - Base;
            if (next >= candidate)
            {
                break;
            }

            candidate = next;
        }

        return best;
    }

    // Puts all places before position into the chains, and tells where its own chain begins. Searches only go forward, so that
    // nothing at or behind the position is in yet.
    private int Insert(ref byte input, int position)
    {
        ref int heads = ref MemoryMarshal.GetArrayDataReference(_heads!);
        ref int chain = ref MemoryMarshal.GetArrayDataReference(_chain!);
        int mask = (1 << Parameters.SecondLog) - 1;
        int shift = 64 - Parameters.HashLog;
        ulong factor = HashFactor(Parameters.MinMatch);
        int origin = Base;
        for (int place = _inserted; place < position; place++)
        {
            ref int head = ref Unsafe.Add(ref heads, Hash(ReadWord(ref input, place), factor, shift));
            Unsafe.Add(ref chain, place & mask) = head;
            head = place + origin;
        }

        _inserted = position;
        return Unsafe.Add(ref heads, Hash(ReadWord(ref input, position), factor, shift)) - origin;
    }
}
