namespace Milena.Kafka.Consumer.Internal;

/// <content>What is told of the state when somebody asks.</content>
internal sealed partial class FetchState
{
    /// <summary>How all partitions stand.</summary>
    /// <param name="now">The consumer's time.</param>
    /// <param name="utcNow">The time of day.</param>
    public List<PartitionStatus> Status(TimeSpan now, DateTimeOffset utcNow)
    {
        lock (_gate)
        {
            return [.. _subscription.Partitions.Select(s => StatusOf(s, now, utcNow))];
        }
    }

    /// <summary>The lags that are known.</summary>
    public List<(TopicPartition Partition, long Lag)> Lags()
    {
        lock (_gate)
        {
            return [.. _subscription.Partitions.Select(s => (s.Partition, Lag: LagOf(s))).Where(l => l.Lag is not null).Select(l => (l.Partition, l.Lag!.Value))];
        }
    }

    /// <summary>Bytes that were fetched and not yet handed out.</summary>
    public long BufferedBytes()
    {
        lock (_gate)
        {
            return _subscription.Partitions.Sum(s => s.BufferedBytes);
        }
    }

    /// <summary>Notes what a fetch brought of a partition.</summary>
    public void Note(PartitionState state, in FetchOutcome outcome)
    {
        lock (_gate)
        {
            state.LastFetch = outcome;
        }
    }

    private long? LagOf(PartitionState state)
    {
        long position = PositionOf(state);
        return position >= 0 && state.HighWatermark >= 0 ? Math.Max(0, state.HighWatermark - position) : null;
    }

    private PartitionStatus StatusOf(PartitionState state, TimeSpan now, DateTimeOffset utcNow)
    {
        long position = PositionOf(state);
        long? lag = LagOf(state);
        PauseReasons paused = (state.IsPaused ? PauseReasons.User : 0)
            | (state.IsHeldBack ? PauseReasons.BackPressure : 0)
            | (state.IsDelayed ? PauseReasons.Delay : 0)
            | (state.IsHeld || state.IsRevoking ? PauseReasons.Rebalance : 0);
        bool isInHand = _inHand?.State == state || _work?.IsBusyWith(state) == true;
        return new PartitionStatus
        {
            Partition = state.Partition,
            Position = position >= 0 ? position : null,
            Committed = state.LastCommitted >= 0 ? state.LastCommitted : null,
            HighWatermark = state.HighWatermark >= 0 ? state.HighWatermark : null,
            Lag = lag,
            TimeLag = lag == 0 ? TimeSpan.Zero : state.LastTimestamp < 0 ? null : TimeLag(state.LastTimestamp, utcNow),
            BufferedBytes = state.BufferedBytes,
            Leader = state.BrokerId >= 0 ? state.BrokerId : null,
            LastFetch = state.LastFetch,
            PausedBy = paused,
            WaitingFor = WaitOf(state, paused, isInHand, now),
        };
    }

    private static TimeSpan TimeLag(long timestamp, DateTimeOffset utcNow) =>
        TimeSpan.FromMilliseconds(Math.Clamp(utcNow.ToUnixTimeMilliseconds() - timestamp, 0, (long)TimeSpan.MaxValue.TotalMilliseconds / 2));

    private static PartitionWait WaitOf(PartitionState state, PauseReasons paused, bool isInHand, TimeSpan now) => state switch
    {
        { Phase: PartitionPhase.Halted } => PartitionWait.Reader,
        _ when isInHand || (paused & PauseReasons.BackPressure) != 0 => PartitionWait.Handler,
        _ when paused != PauseReasons.None => PartitionWait.Resume,
        { Phase: PartitionPhase.Unplaced or PartitionPhase.Placing } => state.Start.Kind == StartKind.Committed ? PartitionWait.Coordinator : PartitionWait.Offset,
        { BufferedBytes: > 0 } => PartitionWait.Handler,
        { UnknownSince: not null } => PartitionWait.Metadata,
        { BrokerId: < 0 } => PartitionWait.Leader,
        { AwaitsMetadata: true } => PartitionWait.Metadata,
        _ => state.RetryAt > now ? PartitionWait.Retry : PartitionWait.Data,
    };
}
