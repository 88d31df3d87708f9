namespace Milena.Kafka;

/// <summary>One partition of one topic.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
public readonly record struct TopicPartition(string Topic, int Partition)
{
    /// <summary>The usual form, such as <c>orders-3</c>.</summary>
    public override string ToString() => $"{Topic}-{Partition}";
}
