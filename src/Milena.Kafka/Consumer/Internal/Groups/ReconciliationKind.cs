namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What happens to partitions of a member.</summary>
internal enum ReconciliationKind
{
    /// <summary>They go in good order: what was finished can still be committed.</summary>
    Revoke,

    /// <summary>They are gone already; another member may have them.</summary>
    Lose,

    /// <summary>They are new.</summary>
    Assign,
}
