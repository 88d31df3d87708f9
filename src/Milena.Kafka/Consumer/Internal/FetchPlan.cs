namespace Milena.Kafka.Consumer.Internal;

/// <summary>What to ask a broker next, or how long to wait before that.</summary>
internal sealed class FetchPlan
{
    public List<FetchTarget> Targets { get; } = [];

    /// <summary>Partitions of this broker are left out that may be wanted any moment, so the broker must not be asked to wait.</summary>
    public bool HoldsBack { get; set; }

    /// <summary>The next time at which a partition that is left out may be fetched.</summary>
    public TimeSpan? NextRetry { get; private set; }

    /// <summary>The most bytes that the answer may have.</summary>
    public int MaxBytes { get; set; }

    /// <summary>Null: fetch now. Else wait so long, or until woken.</summary>
    public TimeSpan? Pause { get; set; }

    /// <summary>Topic ids go into a request only if every topic has one (KIP-516).</summary>
    public bool HasTopicIds => Targets.TrueForAll(t => t.TopicId != Guid.Empty);

    /// <summary>A partition that is left out may be fetched at a time; null for never.</summary>
    public void WakeAt(TimeSpan? time) => NextRetry = NextRetry is null || time < NextRetry ? time ?? NextRetry : NextRetry;

    /// <summary>Settles whether to fetch now, and how much.</summary>
    /// <param name="share">The bytes of this broker that may be buffered.</param>
    /// <param name="buffered">Those that are.</param>
    /// <param name="lastFetch">When the broker answered last.</param>
    /// <param name="now">The time.</param>
    /// <param name="options">The consumer's options.</param>
    public FetchPlan Settle(long share, long buffered, TimeSpan lastFetch, TimeSpan now, ConsumerOptions options)
    {
        long room = share - buffered;
        MaxBytes = (int)Math.Clamp(room, 1, options.FetchMaxBytes);
        if (Targets.Count == 0)
        {
            Pause = NextRetry is { } retry ? Max(retry - now, TimeSpan.Zero) : Timeout.InfiniteTimeSpan;
        }
        else if (buffered > 0 && room < share - (share / 2))
        {
            // Half a share at least, else a slow reader would fetch in crumbs.
            Pause = Timeout.InfiniteTimeSpan;
        }
        else if (HoldsBack && lastFetch + options.FetchMaxWait > now)
        {
            // A request that waits at the broker would keep the partitions that are left out waiting too.
            TimeSpan until = lastFetch + options.FetchMaxWait;
            Pause = (NextRetry is { } retry && retry < until ? Max(retry, now) : until) - now;
        }

        return this;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
