namespace Milena.Kafka;

/// <summary>Who leads a partition and who follows. Brokers stand by their ids.</summary>
/// <param name="Partition">The number, from 0.</param>
/// <param name="Leader">The leader; null while there is none.</param>
/// <param name="Replicas">The brokers that hold it, the preferred leader first.</param>
/// <param name="InSyncReplicas">Those of them that are in sync.</param>
public sealed record PartitionDescription(int Partition, int? Leader, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSyncReplicas)
{
    /// <summary>Counts the changes of the leader; null where the broker does not tell.</summary>
    public int? LeaderEpoch { get; init; }

    /// <summary>The replicas that cannot be reached.</summary>
    public IReadOnlyList<int> OfflineReplicas { get; init; } = [];

    /// <summary>Replicas out of sync that may lead without loss (KIP-966); null where the broker does not tell.</summary>
    public IReadOnlyList<int>? EligibleLeaderReplicas { get; init; }

    /// <summary>The last known of <see cref="EligibleLeaderReplicas"/>, from which an unclean election would choose (KIP-966); null where the broker does not tell.</summary>
    public IReadOnlyList<int>? LastKnownEligibleLeaderReplicas { get; init; }
}
