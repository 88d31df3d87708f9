using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Judges commits by lists of what was read, finished, asked for, sent, stored and answered; knows nothing of how they are decided.</summary>
internal sealed class CommitOracle(bool isMember)
{
    /// <summary>What a coordinator says for a reason of membership.</summary>
    public static readonly ErrorCode[] Refusals =
        [ErrorCode.RebalanceInProgress, ErrorCode.IllegalGeneration, ErrorCode.UnknownMemberId, ErrorCode.FencedInstanceId, ErrorCode.StaleMemberEpoch, ErrorCode.FencedMemberEpoch, ErrorCode.GroupIdNotFound];

    private readonly Dictionary<TopicPartition, Owned> _owned = [];
    private readonly List<Ask> _asks = [];
    private readonly Dictionary<TopicPartition, int> _storedLast = [];

    public int Asks => _asks.Count;

    public int Ended { get; private set; }

    /// <summary>How commits ended, by kinds.</summary>
    public Dictionary<string, int> Ends { get; } = [];

    public long FinishedUpTo(TopicPartition partition) => _owned[partition].Place.Frontier;

    public long PassedUpTo(TopicPartition partition) => _owned[partition].Place.Passed;

    public bool Owns(TopicPartition partition) => _owned.ContainsKey(partition);

    public void Take(TopicPartition partition, long start, bool isCommitted) => _owned[partition] = new Owned { Place = new Place(start, isCommitted ? start : -1) };

    public void Lose(TopicPartition partition) => _owned.Remove(partition);

    public void Seek(TopicPartition partition, long offset) => _owned[partition].Place = new Place(offset, -1);

    /// <returns>Finishes the record.</returns>
    public Action Read(TopicPartition partition, long offset)
    {
        Place place = _owned[partition].Place;
        place.Passed = offset + 1;
        place.Unfinished.Add(offset);
        return () => place.Unfinished.Remove(offset);
    }

    /// <summary>A commit is asked for.</summary>
    /// <returns>Its number.</returns>
    public int Asked(bool isStrict, TimeSpan deadline, IEnumerable<PartitionOffset> offsets)
    {
        Ask ask = new(isStrict, deadline, offsets.ToDictionary(o => o.Partition, o => new Wish(o.Offset, _owned.GetValueOrDefault(o.Partition), _owned.GetValueOrDefault(o.Partition)?.Place)));
        _asks.Add(ask);
        if (!isStrict)
        {
            foreach ((TopicPartition partition, Wish wish) in ask.Wishes)
            {
                Assert.That(wish.Offset, Is.LessThanOrEqualTo(FinishedUpTo(partition)), $"{partition} is to be committed further than it is finished");
            }
        }

        return _asks.Count - 1;
    }

    /// <summary>A request sets out.</summary>
    public void Sent(CommitStep.Send send, CommitStanding standing)
    {
        Assert.That(standing.Gate, Is.EqualTo(CommitGate.Open).Or.EqualTo(CommitGate.Closing), "nobody would take it");
        Assert.That(send.Standing, Is.EqualTo(standing));
        Assert.That(send.Entries, Is.Not.Empty);
        Ask ask = _asks[Ended];
        Assert.That(send.Until, Is.EqualTo(ask.Deadline));
        Assert.That(ask.Failures.Where(IsLast), Is.Empty, "the caller should have been told");
        foreach (PartitionOffset offset in send.Entries.Select(e => e.Offset))
        {
            Assert.That(ask.Wishes.TryGetValue(offset.Partition, out Wish? wish) && wish.Offset == offset.Offset, Is.True, $"{offset} is not what the oldest caller has asked for");
            Assert.That(ask.Stored, Does.Not.Contain(offset.Partition), "it is stored already");
            Assert.That(!isMember || IsOwned(offset.Partition, wish!), Is.True, $"{offset.Partition} was lost since it was asked for");
            if (!ask.IsStrict)
            {
                Assert.That(_owned[offset.Partition].Place, Is.SameAs(wish!.Place), $"{offset.Partition} was moved since it was asked for");
                Assert.That(offset.Offset, Is.LessThanOrEqualTo(FinishedUpTo(offset.Partition)), $"{offset.Partition} is committed further than it is finished");
                Assert.That(offset.Offset, Is.GreaterThan(wish.Place!.Known), $"{offset.Partition} is committed so far");
            }
        }
    }

    /// <summary>The group has stored an offset.</summary>
    public void Stored(TopicPartition partition)
    {
        Assert.That(Ended, Is.GreaterThanOrEqualTo(_storedLast.GetValueOrDefault(partition)), $"{partition}: an older commit has overtaken a newer one");
        _storedLast[partition] = Ended;
    }

    /// <summary>The coordinator's word for an offset has come back.</summary>
    public void Answered(TopicPartition partition, KafkaException? failure, CommitGate gate)
    {
        Ask ask = _asks[Ended];
        ask.Failures.Add((failure, gate));
        if (failure is null)
        {
            ask.Stored.Add(partition);
            Wish wish = ask.Wishes[partition];
            if (wish.Place is { } place)
            {
                place.Known = wish.Offset;
            }
        }
    }

    /// <summary>The request could not be made.</summary>
    public void Threw(Exception failure) => _asks[Ended].Thrown = failure;

    /// <summary>A caller is told.</summary>
    public void End(int number, Exception? failure, CommitGate gate, TimeSpan now)
    {
        Assert.That(number, Is.EqualTo(Ended), "callers are told once each, in the order in which they have asked");
        Ask ask = _asks[number];
        string kind = failure is CommitRefusedException refused ? refused.Refusal.ToString() : failure?.GetType().Name ?? "stored";
        Ends[kind] = Ends.GetValueOrDefault(kind) + 1;
        TopicPartition[] open = [.. ask.Wishes.Keys.Except(ask.Stored)];
        if (failure is null)
        {
            Assert.That(open.Where(p => ask.IsStrict || !MayBeLeftOut(p, ask.Wishes[p])), Is.Empty, "told that all is stored, which is not so");
        }
        else
        {
            Assert.That(open, Is.Not.Empty, $"all is stored: {failure.Message}");
            Assert.That(IsRight(failure, ask, gate, now), Is.True, $"commit {number} is told {kind}: {failure.Message}");
        }

        Ended++;
    }

    /// <summary>Whether there is no hope in asking again: not for this caller, or not while partitions are given up.</summary>
    private static bool IsLast((KafkaException? Failure, CommitGate Gate) answer) =>
        answer.Failure is { Code: var code } && (!Refusals.Contains(code) || code == ErrorCode.FencedInstanceId || answer.Gate == CommitGate.Closing);

    private bool IsRight(Exception failure, Ask ask, CommitGate gate, TimeSpan now)
    {
        if (failure is not CommitRefusedException refused)
        {
            bool isLate = now >= ask.Deadline && ask.Failures.TrueForAll(f => f.Failure is null);
            return failure == ask.Thrown || ask.Failures.Exists(f => f.Failure == failure && !Refusals.Contains(f.Failure.Code)) || (isLate && failure is KafkaException { Code: ErrorCode.None });
        }

        if (refused.Partitions.Count == 0 || !refused.Partitions.All(p => ask.Wishes.ContainsKey(p) && !ask.Stored.Contains(p)))
        {
            return false;
        }

        (KafkaException? last, CommitGate sentAt) = ask.Failures.FindLast(f => f.Failure?.Code == refused.Code && f.Failure.Code != ErrorCode.None);
        return refused.Refusal switch
        {
            CommitRefusal.NotOwned => isMember && ask.IsStrict && refused.Partitions.All(p => !IsOwned(p, ask.Wishes[p])),
            CommitRefusal.Fenced => last?.Code == ErrorCode.FencedInstanceId,
            CommitRefusal.NotMember => gate == CommitGate.Closed || (sentAt == CommitGate.Closing && last is not null and not { Code: ErrorCode.RebalanceInProgress or ErrorCode.FencedInstanceId }),
            _ => now >= ask.Deadline || (sentAt == CommitGate.Closing && last?.Code == ErrorCode.RebalanceInProgress),
        };
    }

    private bool IsOwned(TopicPartition partition, Wish wish) => wish.Owned is not null && _owned.GetValueOrDefault(partition) == wish.Owned;

    private bool MayBeLeftOut(TopicPartition partition, Wish wish) => !IsOwned(partition, wish) || wish.Owned!.Place != wish.Place || wish.Place.Known >= wish.Offset;

    /// <summary>A partition from when it is given until it is taken.</summary>
    private sealed class Owned
    {
        public required Place Place { get; set; }
    }

    /// <summary>A place that was begun at: from a start or a seek on.</summary>
    private sealed class Place(long start, long known)
    {
        public long Passed { get; set; } = start;

        public long Known { get; set; } = known;

        public SortedSet<long> Unfinished { get; } = [];

        public long Frontier => Unfinished.Count > 0 ? Unfinished.Min : Passed;
    }

    private sealed record Wish(long Offset, Owned? Owned, Place? Place);

    private sealed record Ask(bool IsStrict, TimeSpan Deadline, IReadOnlyDictionary<TopicPartition, Wish> Wishes)
    {
        public HashSet<TopicPartition> Stored { get; } = [];

        public List<(KafkaException? Failure, CommitGate Gate)> Failures { get; } = [];

        public Exception? Thrown { get; set; }
    }
}
