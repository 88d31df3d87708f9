namespace Milena.Kafka;

/// <summary>When a consumer commits offsets by itself.</summary>
public enum AutoCommitMode
{
    /// <summary>What the loop has finished: a record, or a batch, counts when the loop asks for the next one. After a crash the last ones come again; none is missed.</summary>
    AtLeastOnce,

    /// <summary>Before records are handed out. After a crash those that were in work are missed; none comes again. Costs one round trip per batch.</summary>
    AtMostOnce,

    /// <summary>Only when <c>CommitAsync</c> is called.</summary>
    Manual,

    /// <summary>Never: offsets are kept elsewhere, and <c>CommitAsync</c> fails.</summary>
    Off,
}
