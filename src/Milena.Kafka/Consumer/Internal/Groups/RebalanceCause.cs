namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Why a member joins its group, or gets another assignment.</summary>
internal enum RebalanceCause
{
    /// <summary>It is new in the group.</summary>
    Joined,

    /// <summary>The coordinator says so: other members came, went or changed.</summary>
    GroupChanged,

    /// <summary>Topics that it subscribes to came, went or grew.</summary>
    MetadataChanged,

    /// <summary>It subscribes to other topics.</summary>
    SubscriptionChanged,

    /// <summary>It has given up partitions for others, who get them in a second round (KIP-429).</summary>
    PartitionsMoved,

    /// <summary>It does not know what it was given, since an answer was lost.</summary>
    AnswerLost,

    /// <summary>The coordinator had given it up.</summary>
    MembershipLost,

    /// <summary>It had left, since its user was away for too long.</summary>
    PollInterval,

    /// <summary>It closes.</summary>
    Closed,
}
