using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>The assigned partitions, and what is to be looked up, fetched or waited for next. Decides only; not thread-safe.</summary>
internal sealed class Subscription
{
    private readonly Dictionary<TopicPartition, PartitionState> _byPartition = [];
    private readonly ConsumerOptions _options;
    private readonly ExponentialBackoff _backoff;
    private ClusterSnapshot? _routedBy;
    private long _served;

    public Subscription(ConsumerOptions options, ExponentialBackoff backoff)
    {
        _options = options;
        _backoff = backoff;
    }

    public IReadOnlyCollection<PartitionState> Partitions => _byPartition.Values;

    /// <summary>The state of a partition; null if it is not assigned.</summary>
    public PartitionState? Find(TopicPartition partition) => _byPartition.GetValueOrDefault(partition);

    /// <summary>Replaces all assigned partitions. All begin anew, also those that were assigned before.</summary>
    public void Assign(IReadOnlyList<PartitionStart> partitions)
    {
        foreach (PartitionState old in _byPartition.Values)
        {
            old.Restart(old.Start);
        }

        _byPartition.Clear();
        foreach (PartitionStart partition in partitions)
        {
            _byPartition[partition.Partition] = new PartitionState(partition.Partition, partition.Start);
        }

        _routedBy = null;
    }

    /// <summary>Adds partitions that the group has given to this consumer. They are held until <see cref="Release"/>.</summary>
    public void Add(IEnumerable<TopicPartition> partitions)
    {
        foreach (TopicPartition partition in partitions)
        {
            _byPartition[partition] = new PartitionState(partition, StartPosition.Committed) { IsHeld = true };
        }

        _routedBy = null;
    }

    /// <summary>Added partitions may be read.</summary>
    public void Release(IEnumerable<TopicPartition> partitions)
    {
        foreach (PartitionState state in partitions.Select(Find).OfType<PartitionState>())
        {
            state.IsHeld = false;
        }
    }

    /// <summary>Takes partitions away.</summary>
    public void Remove(IEnumerable<TopicPartition> partitions)
    {
        foreach (TopicPartition partition in partitions)
        {
            if (_byPartition.Remove(partition, out PartitionState? state))
            {
                state.Restart(state.Start);
            }
        }
    }

    /// <summary>The partitions whose position has to be looked up; from now on they count as being looked up.</summary>
    public List<PlacementOrder> TakeUnplaced()
    {
        var orders = new List<PlacementOrder>();
        foreach (PartitionState state in _byPartition.Values.Where(s => s is { Phase: PartitionPhase.Unplaced, IsHeld: false, IsRevoking: false }))
        {
            state.Phase = PartitionPhase.Placing;
            orders.Add(new PlacementOrder(state, state.Generation, state.Start));
        }

        return orders;
    }

    /// <summary>Halted partitions go on from where they were.</summary>
    public void ResumeHalted()
    {
        foreach (PartitionState state in _byPartition.Values.Where(s => s.Phase == PartitionPhase.Halted))
        {
            state.UnknownSince = null;
            state.IsOutOfRange = false;
            state.Phase = state.FetchOffset >= 0 ? PartitionPhase.Fetching : PartitionPhase.Unplaced;
        }
    }

    /// <summary>Takes brokers, epochs and topic ids from metadata.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Route(ClusterSnapshot cluster, TimeSpan now)
    {
        if (ReferenceEquals(_routedBy, cluster))
        {
            return false;
        }

        _routedBy = cluster;
        foreach (PartitionState state in _byPartition.Values)
        {
            TopicMetadata? topic = cluster.FindTopic(state.Partition.Topic);
            PartitionMetadata? partition = cluster.FindPartition(state.Partition);
            if (partition is not null && partition.LeaderEpoch > state.LeaderEpoch)
            {
                // What the old leader said of the partition does not hold any more.
                state.AwaitsMetadata = false;
                state.RetryAt = TimeSpan.Zero;
                state.ReadReplica = null;
            }

            state.TopicId = topic?.Id ?? Guid.Empty;
            state.LeaderEpoch = partition?.LeaderEpoch ?? -1;
            state.BrokerId = partition?.LeaderId ?? -1;
            bool isUnknown = topic is { Error: ErrorCode.UnknownTopicOrPartition } || (topic is { Error: ErrorCode.None } && partition is null);
            state.UnknownSince = isUnknown ? state.UnknownSince ?? now : null;
        }

        return true;
    }

    /// <summary>Newer metadata has arrived: what waited for it is tried again.</summary>
    public void MetadataArrived(ClusterSnapshot cluster, TimeSpan now)
    {
        foreach (PartitionState state in _byPartition.Values)
        {
            state.AwaitsMetadata = false;
        }

        Route(cluster, now);
    }

    /// <summary>Whether some partition cannot go on without newer metadata.</summary>
    public bool NeedsMetadata() => _byPartition.Values.Any(s => s is { Phase: PartitionPhase.Fetching, IsDormant: false } && (s.AwaitsMetadata || s.BrokerId < 0));

    /// <summary>Partitions that the cluster has not known for so long that they must be taken for deleted.</summary>
    public List<PartitionState> Lost(TimeSpan now, TimeSpan patience) =>
        _byPartition.Values.Where(s => s is { Phase: PartitionPhase.Fetching, IsDormant: false, UnknownSince: { } since } && now - since >= patience).ToList();

    /// <summary>The brokers that are read from.</summary>
    public IEnumerable<int> Brokers(TimeSpan now) =>
        _byPartition.Values.Where(s => s is { Phase: PartitionPhase.Fetching, IsDormant: false }).Select(s => SourceOf(s, now)).Where(b => b >= 0).Distinct();

    /// <summary>Lists what can be fetched from a broker now, those that waited longest first.</summary>
    public FetchPlan Plan(int brokerId, TimeSpan now)
    {
        var plan = new FetchPlan();
        foreach (PartitionState state in _byPartition.Values)
        {
            if (SourceOf(state, now) != brokerId || state.AwaitsMetadata || state.IsDormant)
            {
                // A partition that is read from a follower comes back to its leader by itself.
                plan.WakeAt(state.BrokerId == brokerId ? state.ReadReplica?.Until : null);
                continue;
            }

            bool isFull = state.BufferedBytes >= 2L * _options.MaxPartitionFetchBytes || (state.IsOutOfRange && state.BufferedBytes > 0);
            if (state.Phase != PartitionPhase.Fetching || isFull)
            {
                plan.HoldsBack = true;
            }
            else if (state.RetryAt > now)
            {
                plan.WakeAt(state.RetryAt);
            }
            else
            {
                var position = new FetchPosition(state.FetchOffset, state.LeaderEpoch, state.LastFetchedEpoch, _options.MaxPartitionFetchBytes);
                bool isDoubtful = state.LastFetchedEpoch >= 0 && state.LeaderEpoch > state.ConfirmedEpoch;
                plan.Targets.Add(new FetchTarget(state, state.Generation, state.TopicId, position, isDoubtful));
            }
        }

        plan.Targets.Sort(static (a, b) => a.State.LastServed.CompareTo(b.State.LastServed));
        return plan;
    }

    /// <summary>A fetch brought records, or word that there are none.</summary>
    /// <param name="target">What was asked.</param>
    /// <param name="bytes">Their size.</param>
    /// <param name="nextOffset">Where to fetch on.</param>
    /// <param name="lastEpoch">The epoch of the last batch; -1 if there is none.</param>
    /// <param name="highWatermark">The offset that the next record gets.</param>
    public void Advance(in FetchTarget target, int bytes, long nextOffset, int lastEpoch, long highWatermark)
    {
        PartitionState state = target.State;
        state.HighWatermark = highWatermark;
        Confirm(target);
        state.Failures = 0;
        state.IsOutOfRange = false;
        if (bytes > 0)
        {
            state.BufferedBytes += bytes;
            state.FetchOffset = nextOffset;
            state.LastFetchedEpoch = lastEpoch >= 0 ? lastEpoch : state.LastFetchedEpoch;
            state.LastServed = ++_served;
        }
    }

    /// <summary>The leader has what was read before the position.</summary>
    public static void Confirm(in FetchTarget target) => target.State.ConfirmedEpoch = target.Position.LeaderEpoch;

    /// <summary>A fetch failed and is tried again.</summary>
    public void Delay(in FetchTarget target, bool needsMetadata, TimeSpan now)
    {
        PartitionState state = target.State;
        state.ReadReplica = null;
        state.AwaitsMetadata |= needsMetadata;
        state.RetryAt = now + _backoff.Pause(++state.Failures);
    }

    /// <summary>The leader wants the partition to be read from a follower (KIP-392).</summary>
    public static void ReadFrom(in FetchTarget target, int brokerId, TimeSpan until) => target.State.ReadReplica = (brokerId, until);

    /// <summary>The broker does not have the offset.</summary>
    public OutOfRangeStep OutOfRange(in FetchTarget target, TimeSpan now)
    {
        PartitionState state = target.State;
        if (state.ReadReplica is not null)
        {
            // A follower may lag behind; only the leader knows.
            Delay(target, needsMetadata: false, now);
            return OutOfRangeStep.Wait;
        }

        state.IsOutOfRange = true;
        if (state.BufferedBytes > 0)
        {
            return OutOfRangeStep.Wait;
        }

        if (_options.OutOfRange is not { } start)
        {
            return OutOfRangeStep.Fail;
        }

        state.Restart(start);
        return OutOfRangeStep.Reset;
    }

    /// <summary>Stops a partition until the user reads on.</summary>
    public static void Halt(PartitionState state) => state.Phase = PartitionPhase.Halted;

    private static int SourceOf(PartitionState state, TimeSpan now) => state.ReadReplica is { } replica && replica.Until > now ? replica.BrokerId : state.BrokerId;
}
