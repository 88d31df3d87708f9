using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>What the cluster last said of a topic.</summary>
/// <param name="Name">The topic's name.</param>
/// <param name="Id">The topic's id; empty where the broker is too old to have one (before 2.8).</param>
/// <param name="Error">What the broker said of it; without an error the partitions are known.</param>
/// <param name="IsInternal">Whether the cluster keeps it for itself.</param>
/// <param name="Partitions">The partitions by number, without gaps.</param>
internal sealed record TopicMetadata(string Name, Guid Id, ErrorCode Error, bool IsInternal, IReadOnlyList<PartitionMetadata> Partitions);
