namespace Milena.Kafka;

/// <summary>How the cluster is described.</summary>
public sealed class DescribeClusterOptions : AdminOptions
{
    /// <summary>Whether to ask what this principal may do to the cluster. Needs brokers from 2.3.</summary>
    /// <value>False.</value>
    public bool IncludeAuthorizedOperations { get; init; }

    /// <summary>Whether brokers count that are registered but do not serve, as those that are down (KIP-1073). Needs brokers from 4.0.</summary>
    /// <value>False.</value>
    public bool IncludeFencedBrokers { get; init; }
}
