using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>The cluster and its brokers.</summary>
/// <param name="ClusterId">The cluster's id; null from brokers before 0.10.1.</param>
/// <param name="ControllerId">The broker to turn to for changes; null if none is known. Of a KRaft cluster it is any broker.</param>
/// <param name="Brokers">The brokers by id.</param>
public sealed record ClusterDescription(string? ClusterId, int? ControllerId, IReadOnlyList<BrokerDescription> Brokers)
{
    /// <summary>What this principal may do to the cluster; null if it was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
