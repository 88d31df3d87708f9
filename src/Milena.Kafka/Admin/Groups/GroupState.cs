namespace Milena.Kafka;

/// <summary>Where a group stands.</summary>
public enum GroupState
{
    /// <summary>One that this client has no name for, or that the broker did not tell (before Kafka 2.6).</summary>
    Unknown,

    /// <summary>No members; offsets may be stored.</summary>
    Empty,

    /// <summary>Classic groups: members are being called together.</summary>
    PreparingRebalance,

    /// <summary>Classic groups: the assignment is awaited from the leader.</summary>
    CompletingRebalance,

    /// <summary>Every member has its partitions.</summary>
    Stable,

    /// <summary>The group is being removed.</summary>
    Dead,

    /// <summary>Groups of the newer protocols: a new assignment is being computed.</summary>
    Assigning,

    /// <summary>Groups of the newer protocols: members are moving to their new assignment.</summary>
    Reconciling,

    /// <summary>Streams groups: topics that the topology needs are missing.</summary>
    NotReady,
}
