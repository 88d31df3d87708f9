namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>How causes of rebalances are told.</summary>
internal static class RebalanceCauses
{
    /// <summary>To the coordinator, which writes it in its log (KIP-800).</summary>
    public static string Reason(this RebalanceCause cause) => cause switch
    {
        RebalanceCause.Joined => "joins",
        RebalanceCause.GroupChanged => "the group rebalances",
        RebalanceCause.MetadataChanged => "partitions were added or removed",
        RebalanceCause.SubscriptionChanged => "the subscription changed",
        RebalanceCause.PartitionsMoved => "partitions were given up for others",
        RebalanceCause.AnswerLost => "the answer to SyncGroup was lost",
        RebalanceCause.MembershipLost => "its membership was lost",
        RebalanceCause.PollInterval => "the consumer did not ask for records within MaxPollInterval",
        _ => "the consumer is closed",
    };

    /// <summary>To whoever measures.</summary>
    public static string Tag(this RebalanceCause cause) => cause switch
    {
        RebalanceCause.Joined => "joined",
        RebalanceCause.GroupChanged => "group_changed",
        RebalanceCause.MetadataChanged => "metadata_changed",
        RebalanceCause.SubscriptionChanged => "subscription_changed",
        RebalanceCause.PartitionsMoved => "partitions_moved",
        RebalanceCause.AnswerLost => "answer_lost",
        RebalanceCause.MembershipLost => "membership_lost",
        RebalanceCause.PollInterval => "poll_interval",
        _ => "closed",
    };
}
