namespace Milena.Kafka;

/// <summary>How many partitions a topic is to have.</summary>
/// <param name="Total">With those that are there already.</param>
public sealed record NewPartitions(int Total)
{
    /// <summary>The brokers of each new partition, the preferred leader first.</summary>
    /// <value>Null: the controller chooses.</value>
    public IReadOnlyList<IReadOnlyList<int>>? Assignments { get; init; }
}
