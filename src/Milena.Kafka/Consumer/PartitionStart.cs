namespace Milena.Kafka;

/// <summary>A partition to read and where to start in it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Start">Where to start.</param>
public readonly record struct PartitionStart(TopicPartition Partition, StartPosition Start)
{
    /// <summary>A partition to read and where to start in it.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="partition">The partition's number, from 0.</param>
    /// <param name="start">Where to start.</param>
    public PartitionStart(string topic, int partition, StartPosition start) : this(new TopicPartition(topic, partition), start)
    {
    }

    /// <summary>The usual form, such as <c>orders-3 from beginning</c>.</summary>
    public override string ToString() => $"{Partition} from {Start}";
}
