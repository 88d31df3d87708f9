namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>By topic, then by number.</summary>
internal sealed class PartitionOrder : IComparer<TopicPartition>
{
    public static readonly PartitionOrder Instance = new();

    public int Compare(TopicPartition x, TopicPartition y)
    {
        int byTopic = string.CompareOrdinal(x.Topic, y.Topic);
        return byTopic != 0 ? byTopic : x.Partition.CompareTo(y.Partition);
    }
}
