using System.Collections.Frozen;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>The cluster as last heard of. Immutable: a change makes a new one.</summary>
internal sealed class ClusterSnapshot
{
    public static readonly ClusterSnapshot Empty = new();

    public string? ClusterId { get; init; }

    /// <summary>The controller, or -1 if it is not known.</summary>
    public int ControllerId { get; init; } = -1;

    public FrozenDictionary<int, BrokerEndpoint> Brokers { get; init; } = FrozenDictionary<int, BrokerEndpoint>.Empty;

    public IReadOnlyDictionary<string, TopicMetadata> Topics { get; init; } = new Dictionary<string, TopicMetadata>();

    public IReadOnlyDictionary<Guid, string> TopicNames { get; init; } = new Dictionary<Guid, string>();

    public TopicMetadata? FindTopic(string name) => Topics.GetValueOrDefault(name);

    public TopicMetadata? FindTopic(Guid id) => TopicNames.TryGetValue(id, out string? name) ? FindTopic(name) : null;

    public PartitionMetadata? FindPartition(TopicPartition partition)
    {
        IReadOnlyList<PartitionMetadata>? partitions = FindTopic(partition.Topic)?.Partitions;
        return partitions is not null && (uint)partition.Partition < (uint)partitions.Count ? partitions[partition.Partition] : null;
    }
}
