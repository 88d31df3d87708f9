namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>A partition of a topic that stays itself when the name is used again.</summary>
internal readonly record struct TopicIdPartition(Guid TopicId, int Partition) : IComparable<TopicIdPartition>
{
    public int CompareTo(TopicIdPartition other)
    {
        int topics = TopicId.CompareTo(other.TopicId);
        return topics != 0 ? topics : Partition.CompareTo(other.Partition);
    }
}
