using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A topic with its partitions.</summary>
/// <param name="Name">The name.</param>
/// <param name="Id">The id; empty from brokers before 2.8.</param>
/// <param name="IsInternal">Whether the cluster keeps it for itself, as <c>__consumer_offsets</c>.</param>
/// <param name="Partitions">The partitions by number, from 0.</param>
public sealed record TopicDescription(string Name, Guid Id, bool IsInternal, IReadOnlyList<PartitionDescription> Partitions)
{
    /// <summary>What this principal may do to the topic; null if it was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
