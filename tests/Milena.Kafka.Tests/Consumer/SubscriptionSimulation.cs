using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>
/// Assigned partitions, those who look up and fetch for them, and a user who assigns, seeks and pauses meanwhile: one thing after the other, by a seed. Beside it stands what the user
/// may expect: of each partition the next offset, and whether it may be read.
/// </summary>
internal sealed class SubscriptionSimulation
{
    private const long First = 10;
    private const long Last = 1000;
    private const long Committed = 400;
    private static readonly TopicPartition[] All = [.. Enumerable.Range(0, 4).Select(p => new TopicPartition("t", p))];

    private readonly Dictionary<TopicPartition, Expected> _expected = [];
    private readonly List<PlacementOrder> _lookups = [];
    private readonly List<FetchTarget> _fetches = [];
    private readonly List<Fetched> _buffer = [];
    private readonly Random _random;
    private readonly FetchState _state;
    private TimeSpan _now;
    private int _epoch;

    public SubscriptionSimulation(int seed)
    {
        _random = new Random(seed);
        var backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), _random);
        _state = new FetchState(new Subscription(new ConsumerOptions(), backoff), new ManualTimeProvider());
        MoveLeaders();
    }

    /// <summary>How many records were handed out.</summary>
    public int HandedOut { get; private set; }

    /// <summary>Lets everything happen that can, then lets the consumer read on.</summary>
    public void Storm(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Disturb();
            AssertPositions();
        }

        Calm();
    }

    private void Disturb()
    {
        switch (_random.Next(50))
        {
            case 0 when _random.Next(4) == 0:
                Assign();
                break;
            case 1 or 2:
                Add();
                break;
            case 3:
                Release();
                break;
            case 4:
                TopicPartition[] going = Some();
                _state.BeginRevoke(going);
                Array.ForEach(going, p => _expected[p].IsRevoking = true);
                break;
            case 5:
                Remove(_random.Next(2) == 0 ? Some() : [.. _expected.Where(e => e.Value.IsRevoking).Select(e => e.Key)]);
                break;
            case 6:
                Seek();
                break;
            case 7 or 8:
                Pause(_random.Next(3) == 0);
                break;
            case 9:
                MoveLeaders();
                break;
            case 10:
                _now += TimeSpan.FromMilliseconds(_random.Next(2000));
                break;
            case 11:
                Hear();
                break;
            case 12 or 13:
                _lookups.AddRange(_state.With(s => s.TakeUnplaced()));
                break;
            case < 20:
                Place(_random.Next(6));
                break;
            case < 27:
                Fetch();
                break;
            case < 39:
                Answer(_random.Next(14));
                break;
            default:
                HandOut();
                break;
        }
    }

    private TopicPartition[] Some() => [.. _expected.Keys.Where(_ => _random.Next(2) == 0)];

    private StartPosition AnyStart() => _random.Next(4) switch
    {
        0 => StartPosition.Beginning,
        1 => StartPosition.End,
        2 => StartPosition.Committed,
        _ => StartPosition.At(_random.Next((int)First, (int)Last)),
    };

    private static long OffsetOf(StartPosition start) => start.Kind switch
    {
        StartKind.Beginning => First,
        StartKind.End => Last,
        StartKind.Committed => Committed,
        _ => start.Value,
    };

    private void Assign()
    {
        PartitionStart[] starts = [.. All.Where(_ => _random.Next(2) == 0).Select(p => new PartitionStart(p, AnyStart()))];
        _state.Assign(starts);
        _expected.Clear();
        Array.ForEach(starts, s => _expected[s.Partition] = new Expected { Next = OffsetOf(s.Start) });
    }

    private void Add()
    {
        TopicPartition[] given = [.. All.Where(p => !_expected.ContainsKey(p) && _random.Next(2) == 0)];
        _state.Add(given);
        Array.ForEach(given, p => _expected[p] = new Expected { Next = Committed, IsHeld = true });
    }

    private void Release()
    {
        _state.Release(_expected.Keys);
        _expected.Values.ToList().ForEach(e => e.IsHeld = false);
    }

    private void Remove(TopicPartition[] partitions)
    {
        _state.Remove(partitions);
        Array.ForEach(partitions, p => _expected.Remove(p));
    }

    private void Seek()
    {
        foreach (TopicPartition partition in Some())
        {
            StartPosition start = AnyStart();
            _state.Seek(partition, start);
            _expected[partition].Move(OffsetOf(start));
        }
    }

    private void Pause(bool isPaused)
    {
        TopicPartition[] some = Some();
        _state.Pause(some, isPaused);
        Array.ForEach(some, p => _expected[p].IsPaused = isPaused);
    }

    /// <summary>Metadata comes, with other leaders or the same.</summary>
    private void MoveLeaders()
    {
        bool isNews = _epoch == 0 || _random.Next(2) == 0;
        if (isNews)
        {
            _epoch++;
            PartitionMetadata[] partitions = [.. All.Select(p => new PartitionMetadata(p.Partition, ErrorCode.None, _random.Next(1, 3), _epoch, [1, 2], [1, 2]))];
            Cluster = new ClusterSnapshot { Topics = new Dictionary<string, TopicMetadata> { ["t"] = new("t", Guid.Empty, ErrorCode.None, false, partitions) } };
        }

        _state.With(s =>
        {
            if (isNews && _random.Next(2) == 0)
            {
                s.Route(Cluster, _now);
            }
            else
            {
                s.MetadataArrived(Cluster, _now);
            }

            Assert.That(s.NeedsMetadata(), Is.False, "newer metadata has just come");
        });
    }

    private ClusterSnapshot Cluster { get; set; } = ClusterSnapshot.Empty;

    /// <summary>The reader hears of what has stopped, and reads on.</summary>
    private void Hear()
    {
        List<string> told = [];
        while (true)
        {
            try
            {
                _state.ThrowIfFailed();
                break;
            }
            catch (KafkaException fault)
            {
                told.Add(fault.Message);
            }
        }

        Assert.That(told, Is.EquivalentTo(_expected.Values.SelectMany(e => e.Faults)), "what has stopped, and was not moved since");
        _state.ResumeHalted();
        _expected.Values.ToList().ForEach(e => e.Move(e.Next));
    }

    private void Place(int outcome)
    {
        if (_lookups.Count == 0)
        {
            return;
        }

        PlacementOrder order = _lookups[_random.Next(_lookups.Count)];
        _lookups.Remove(order);
        string fault = $"lookup {_random.Next()}";
        bool counts = order.Generation == order.State.Generation;
        switch (outcome)
        {
            case 0:
                _state.Place(order, Answer<FoundOffset>.Failed(new KafkaException(ErrorCode.TopicAuthorizationFailed, fault)));
                if (counts)
                {
                    _expected[order.State.Partition].Stop(fault);
                }

                break;
            case 1:
                _state.Place(order, Answer<FoundOffset>.Failed(new KafkaException(ErrorCode.NotLeaderOrFollower, "again")));
                break;
            default:
                _state.Place(order, Answer<FoundOffset>.Of(new FoundOffset(OffsetOf(order.Start), -1, -1, order.Start.Kind == StartKind.Committed)));
                if (counts)
                {
                    // A pause may have let it be looked up anew since it failed.
                    _expected[order.State.Partition].IsStopped = false;
                }

                break;
        }
    }

    /// <summary>A broker is asked for all that it has.</summary>
    private void Fetch()
    {
        _state.With(s => s.Route(Cluster, _now));
        int broker = _random.Next(1, 3);
        foreach (FetchTarget target in _state.With(s => s.Plan(broker, _now)).Targets)
        {
            TopicPartition partition = target.State.Partition;
            Assert.That(_expected.TryGetValue(partition, out Expected? expected) && expected.MayBeFetched, Is.True, $"{partition} is fetched, which nobody wants");
            Assert.That(target.Position.Offset, Is.EqualTo(BufferedUpTo(partition)), $"{partition} is fetched at the wrong place");
            Assert.That(target.Position.LeaderEpoch, Is.EqualTo(_epoch));
            int source = target.State.ReadReplica is { } replica && replica.Until > _now ? replica.BrokerId : Cluster.FindPartition(partition)!.LeaderId;
            Assert.That(broker, Is.EqualTo(source), $"{partition} is fetched from the wrong broker");
            _fetches.Add(target);
        }
    }

    private long BufferedUpTo(TopicPartition partition) => _buffer.Where(b => b.State.Partition == partition && !b.IsStale).Select(b => b.To).LastOrDefault(_expected[partition].Next);

    private void Answer(int outcome)
    {
        if (_fetches.Count == 0)
        {
            return;
        }

        FetchTarget target = _fetches[_random.Next(_fetches.Count)];
        _fetches.Remove(target);
        TopicPartition partition = target.State.Partition;
        bool counts = target.IsCurrent;
        string fault = $"fetch {_random.Next()}";
        switch (outcome)
        {
            case 0:
                _state.Advance(target, Last);
                break;
            case 1:
                _state.Fail(target, new KafkaException(ErrorCode.TopicAuthorizationFailed, fault));
                if (counts)
                {
                    _expected[partition].Stop(fault);
                }

                break;
            case 2 or 3 when counts:
                _state.With(s => s.Delay(target, needsMetadata: outcome == 2, _now));
                break;
            case 4 when counts:
                Subscription.ReadFrom(target, 3 - target.State.BrokerId, _now + TimeSpan.FromSeconds(_random.Next(5)));
                break;
            case 5:
                // The log is another one from there on.
                long cut = Math.Max(First, target.Position.Offset - _random.Next(20));
                _state.CutBack(target, cut);
                if (counts)
                {
                    _expected[partition].Move(Math.Min(cut, _expected[partition].Next));
                }

                break;
            case 6 when counts:
                bool isFollower = target.State.ReadReplica is not null;
                bool isEmpty = BufferedUpTo(partition) == _expected[partition].Next;
                OutOfRangeStep step = _state.With(s => s.OutOfRange(target, _now));
                Assert.That(step, Is.EqualTo(isFollower || !isEmpty ? OutOfRangeStep.Wait : OutOfRangeStep.Reset));
                if (step == OutOfRangeStep.Reset)
                {
                    _expected[partition].Move(First);
                }

                break;
            case > 6:
                int count = _random.Next(1, 20);
                _state.With(s =>
                {
                    if (target.IsCurrent)
                    {
                        s.Advance(target, count, target.Position.Offset + count, _epoch, Last);
                        _buffer.Add(new Fetched(target.State, target.Generation, target.Position.Offset, target.Position.Offset + count));
                    }
                });
                break;
            default:
                break;
        }
    }

    /// <summary>The reader takes what has been there longest.</summary>
    private void HandOut()
    {
        _buffer.RemoveAll(b => b.IsStale);
        if (_buffer.Count == 0)
        {
            return;
        }

        Fetched records = _buffer[0];
        _buffer.RemoveAt(0);
        Assert.That(_expected.TryGetValue(records.State.Partition, out Expected? expected) && expected.MayBeRead, Is.True, $"{records.State.Partition} is handed out, which nobody wants");
        Assert.That(records.From, Is.EqualTo(expected!.Next), $"{records.State.Partition} is not handed out where it was left");
        expected.Next = records.To;
        HandedOut++;
        _state.With(_ =>
        {
            records.State.Position = records.To;
            records.State.BufferedBytes -= records.To - records.From;
        });
    }

    private void AssertPositions()
    {
        Assert.That(_state.Assignment, Is.EquivalentTo(_expected.Keys));
        foreach ((TopicPartition partition, Expected expected) in _expected)
        {
            Assert.That(_state.Position(partition), Is.Null.Or.EqualTo(expected.Next), $"the position of {partition}");
        }
    }

    /// <summary>All that may be read is read.</summary>
    private void Calm()
    {
        Release();
        Hear();
        Remove([.. _expected.Where(e => e.Value.IsRevoking).Select(e => e.Key)]);
        Dictionary<TopicPartition, long> before = [];
        for (int i = 0; i < 400; i++)
        {
            if (i == 200)
            {
                before = _expected.ToDictionary(e => e.Key, e => e.Value.Next);
            }

            _now += TimeSpan.FromSeconds(1);
            MoveLeaders();
            _lookups.AddRange(_state.With(s => s.TakeUnplaced()));
            Place(5);
            Fetch();
            Answer(13);
            HandOut();
            AssertPositions();
        }

        while (_lookups.Count + _fetches.Count + _buffer.RemoveAll(b => b.IsStale) > 0)
        {
            Place(5);
            Answer(13);
        }

        foreach ((TopicPartition partition, Expected expected) in _expected)
        {
            Assert.That(_state.Position(partition) is not null || expected.IsPaused, Is.True, $"{partition} has no position");
            bool hasMoved = expected.Next > before[partition];
            Assert.That(hasMoved || expected.IsPaused, Is.True, $"{partition} stands still");
            Assert.That(!hasMoved || expected.MayBeRead, Is.True, $"{partition} is read though it is paused");
        }
    }

    /// <summary>What the user may expect of a partition.</summary>
    private sealed class Expected
    {
        /// <summary>The next offset to hand out.</summary>
        public required long Next { get; set; }

        public bool IsHeld { get; set; }

        public bool IsPaused { get; set; }

        public bool IsRevoking { get; set; }

        /// <summary>It has failed.</summary>
        public bool IsStopped { get; set; }

        /// <summary>Why it has failed; he has not heard of it yet.</summary>
        public List<string> Faults { get; } = [];

        public bool MayBeFetched => MayBeRead && !IsStopped;

        public bool MayBeRead => !IsHeld && !IsPaused && !IsRevoking;

        public void Move(long next)
        {
            Next = next;
            Faults.Clear();
            IsStopped = false;
        }

        public void Stop(string fault)
        {
            Faults.Add(fault);
            IsStopped = true;
        }
    }

    private sealed record Fetched(PartitionState State, int Generation, long From, long To)
    {
        public bool IsStale => State.Generation != Generation;
    }
}
