namespace Milena.Kafka.Testing;

/// <summary>Which groups change their protocol while they have members (KIP-848).</summary>
/// <remarks>Kafka calls this <c>group.consumer.migration.policy</c>.</remarks>
[Flags]
public enum GroupMigrationPolicy
{
    /// <summary>None: a member that speaks the other protocol is refused.</summary>
    Disabled = 0,

    /// <summary>A classic group of consumers becomes a consumer group when a member of the new protocol joins.</summary>
    Upgrade = 1,

    /// <summary>A consumer group becomes a classic one when its last member of the new protocol leaves and classic ones stay.</summary>
    Downgrade = 2,

    /// <summary>Both ways.</summary>
    Bidirectional = Upgrade | Downgrade,
}
