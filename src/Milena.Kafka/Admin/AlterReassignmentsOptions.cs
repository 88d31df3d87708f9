namespace Milena.Kafka;

/// <summary>How partitions are moved.</summary>
public sealed class AlterReassignmentsOptions : AdminOptions
{
    /// <summary>Whether a partition may have more or fewer replicas afterwards than before (KIP-860).</summary>
    /// <value>True. False needs brokers from 4.1.</value>
    public bool AllowReplicationFactorChange { get; init; } = true;
}
