namespace Milena.Kafka.Testing.State;

/// <summary>A topic with its partitions. Immutable but for what the partitions guard themselves, that there may be more of them, and that settings change.</summary>
internal sealed class TopicState
{
    private volatile IReadOnlyList<PartitionState> _partitions = [];
    private volatile TopicConfigs _configs;

    public TopicState(string name, Guid id, TopicConfigs configs, IReadOnlyList<IReadOnlyList<int>> assignments, Func<IReadOnlyList<int>, Leadership> elect)
    {
        Name = name;
        Id = id;
        _configs = configs;
        Partitions = [.. assignments.Select((replicas, index) => new PartitionState(this, index, elect(replicas)))];
    }

    public string Name { get; }

    public Guid Id { get; }

    /// <summary>The settings that count now. Changed by the cluster.</summary>
    public TopicConfigs Configs { get => _configs; set => _configs = value; }

    public IReadOnlyList<PartitionState> Partitions { get => _partitions; private set => _partitions = value; }

    public PartitionState? Partition(int index) => Partitions is var all && (uint)index < (uint)all.Count ? all[index] : null;

    /// <summary>Adds partitions behind the present ones. Guarded by the cluster.</summary>
    public void Add(IReadOnlyList<IReadOnlyList<int>> assignments, Func<IReadOnlyList<int>, Leadership> elect)
    {
        int first = Partitions.Count;
        Partitions = [.. Partitions, .. assignments.Select((replicas, index) => new PartitionState(this, first + index, elect(replicas)))];
    }
}
