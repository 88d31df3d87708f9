namespace Milena.Kafka.Consumer.Internal;

/// <summary>What to ask a broker next, or how long to wait before that.</summary>
internal sealed class FetchPlan
{
    public List<FetchTarget> Targets { get; } = [];

    /// <summary>Partitions of this broker are left out that may be wanted any moment, so the broker must not be asked to wait.</summary>
    public bool HoldsBack { get; set; }

    /// <summary>The next time at which a partition that is left out may be fetched again.</summary>
    public TimeSpan? NextRetry { get; set; }

    /// <summary>The most bytes that the answer may have.</summary>
    public int MaxBytes { get; set; }

    /// <summary>Null: fetch now. Else wait so long, or until woken.</summary>
    public TimeSpan? Pause { get; set; }

    /// <summary>Topic ids go into a request only if every topic has one (KIP-516).</summary>
    public bool HasTopicIds => Targets.TrueForAll(t => t.TopicId != Guid.Empty);
}
