namespace Milena.Kafka;

/// <summary>The replica of a partition on one broker.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
/// <param name="BrokerId">The broker.</param>
public readonly record struct TopicPartitionReplica(string Topic, int Partition, int BrokerId)
{
    /// <summary>Such as <c>orders-3 on broker 1</c>.</summary>
    public override string ToString() => $"{Topic}-{Partition} on broker {BrokerId}";
}
