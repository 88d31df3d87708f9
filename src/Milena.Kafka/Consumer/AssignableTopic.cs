namespace Milena.Kafka;

/// <summary>A topic whose partitions are to be shared out.</summary>
/// <param name="Name">The topic's name.</param>
/// <param name="PartitionCount">The number of its partitions.</param>
/// <param name="Racks">For each partition the racks of its replicas; null if racks are not known.</param>
public sealed record AssignableTopic(string Name, int PartitionCount, IReadOnlyList<IReadOnlyCollection<string>>? Racks = null)
{
    /// <summary>The topic's id; empty where brokers have none.</summary>
    internal Guid Id { get; init; }
}
