namespace Milena.Kafka;

/// <summary>How topics are described.</summary>
public sealed class DescribeTopicsOptions : AdminOptions
{
    /// <summary>Whether to ask what this principal may do to each topic. Needs brokers from 2.3.</summary>
    /// <value>False.</value>
    public bool IncludeAuthorizedOperations { get; init; }

    /// <summary>How many partitions one answer carries; as many answers are fetched as are needed (KIP-966). The broker has a limit of its own.</summary>
    /// <value>2,000. Positive. Brokers before 3.8 answer all at once.</value>
    public int PartitionsPerPage { get; init; } = 2000;
}
