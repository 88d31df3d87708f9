namespace Milena.Kafka;

/// <summary>What is told of groups.</summary>
public sealed class DescribeGroupsOptions : AdminOptions
{
    /// <summary>Whether it is told what this client may do with each group.</summary>
    /// <value>False. Needs brokers from 2.3 (KIP-430).</value>
    public bool IncludeAuthorizedOperations { get; init; }
}
