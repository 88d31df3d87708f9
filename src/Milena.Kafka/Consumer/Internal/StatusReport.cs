namespace Milena.Kafka.Consumer.Internal;

/// <summary>Tells how a partition stands. Decides only; called under the lock of the <see cref="FetchState"/>.</summary>
internal static class StatusReport
{
    /// <summary>How a partition stands.</summary>
    /// <param name="state">The partition.</param>
    /// <param name="hand">What the reader has.</param>
    /// <param name="now">The consumer's time.</param>
    /// <param name="utcNow">The time of day.</param>
    public static PartitionStatus Of(PartitionState state, ReaderHand hand, TimeSpan now, DateTimeOffset utcNow)
    {
        long position = hand.PositionOf(state);
        long? lag = hand.LagOf(state);
        PauseReasons paused = (state.IsPaused ? PauseReasons.User : 0)
            | (state.IsHeldBack ? PauseReasons.BackPressure : 0)
            | (state.IsDelayed ? PauseReasons.Delay : 0)
            | (state.IsHeld || state.IsRevoking ? PauseReasons.Rebalance : 0);
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
            WaitingFor = WaitOf(state, paused, hand.Holds(state), now),
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
