using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Who leads a partition and who follows.</summary>
/// <param name="Partition">The number of the partition.</param>
/// <param name="Error">What the broker said of it.</param>
/// <param name="LeaderId">The leader, or -1 if there is none at the moment.</param>
/// <param name="LeaderEpoch">The leader's epoch, or -1 if the broker is too old to know (before 2.1).</param>
/// <param name="Replicas">The brokers that hold it.</param>
/// <param name="InSyncReplicas">Those that are in sync.</param>
internal sealed record PartitionMetadata(
    int Partition, ErrorCode Error, int LeaderId, int LeaderEpoch, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSyncReplicas);
