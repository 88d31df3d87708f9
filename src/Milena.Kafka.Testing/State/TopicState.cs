namespace Milena.Kafka.Testing.State;

/// <summary>A topic with its partitions. Immutable but for what the partitions guard themselves.</summary>
internal sealed class TopicState
{
    public TopicState(string name, Guid id, TopicConfigs configs, IReadOnlyList<IReadOnlyList<int>> assignments, Func<IReadOnlyList<int>, Leadership> elect)
    {
        Name = name;
        Id = id;
        Configs = configs;
        Partitions = [.. assignments.Select((replicas, index) => new PartitionState(this, index, elect(replicas)))];
    }

    public string Name { get; }

    public Guid Id { get; }

    public TopicConfigs Configs { get; }

    public IReadOnlyList<PartitionState> Partitions { get; }

    public PartitionState? Partition(int index) => (uint)index < (uint)Partitions.Count ? Partitions[index] : null;
}
