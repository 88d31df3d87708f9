namespace Milena.Kafka;

/// <summary>Who is asked for the producers of partitions.</summary>
public sealed class DescribeProducersOptions : AdminOptions
{
    /// <summary>The replica that is asked.</summary>
    /// <value>Null: the leader of each partition.</value>
    public int? BrokerId { get; init; }
}
