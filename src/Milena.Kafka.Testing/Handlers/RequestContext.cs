using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Faults;
using Milena.Kafka.Testing.Network;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Where a request came from and where it is served. Owned by the loop of its connection.</summary>
internal sealed class RequestContext(BrokerState broker, ClusterState cluster, ReceivedRequest request, ClientConnection client, CancellationToken stopping)
{
    public BrokerState Broker { get; } = broker;

    public ClusterState Cluster { get; } = cluster;

    public ReceivedRequest Request { get; } = request;

    public ClientConnection Client { get; } = client;

    public CancellationToken Stopping { get; } = stopping;

    public short Version => Request.Version;

    /// <summary>The error that is planned for one topic or partition of this request.</summary>
    public Fault? Fault { get; set; }

    /// <summary>Whether the connection is closed after the answer, or instead of one.</summary>
    public bool ClosesConnection { get; set; }

    /// <summary>The planned error of a partition that is to be given before anything is done.</summary>
    public ErrorCode? ErrorBefore(string? topic, int partition) => ErrorOf(topic, partition, afterHandling: false);

    /// <summary>The planned error of a partition that is to be given after all was done.</summary>
    public ErrorCode? ErrorAfter(string? topic, int partition) => ErrorOf(topic, partition, afterHandling: true);

    private ErrorCode? ErrorOf(string? topic, int partition, bool afterHandling) =>
        Fault is { Error: { } error } fault
        && fault.Scope.AfterHandling == afterHandling
        && fault.Scope.Topic == topic
        && (fault.Scope.Partition is null || fault.Scope.Partition == partition)
            ? error
            : null;
}
