using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Faults;
using Milena.Kafka.Testing.Network;
using Milena.Kafka.Testing.Quotas;
using Milena.Kafka.Testing.Security;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Where a request came from and where it is served. Owned by the loop of its connection.</summary>
internal sealed class RequestContext(BrokerState broker, ClusterState cluster, ReceivedRequest request, ClientConnection client, CancellationToken stopping)
{
    /// <summary>The name of the one resource of the kind cluster.</summary>
    public const string ClusterName = "kafka-cluster";

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

    /// <summary>Users and rules.</summary>
    public required BrokerSecurity Security { get; init; }

    /// <summary>What clients may use.</summary>
    public required RequestQuotas Quotas { get; init; }

    /// <summary>How long the client has to be silent because it has created or deleted too many partitions.</summary>
    public TimeSpan MutationThrottle { get; private set; }

    /// <summary>Charges partitions that are about to come or go to the client's quota (KIP-599).</summary>
    /// <param name="partitions">How many.</param>
    /// <param name="strictSince">The first version whose clients are refused; older ones have their way and are kept silent.</param>
    /// <returns>Why it cannot be done now; null if it can.</returns>
    public Refusal? MutationRefusal(int partitions, short strictSince)
    {
        bool isStrict = Version >= strictSince;
        TimeSpan wait = Quotas.ChargeMutations(this, partitions, isStrict);
        MutationThrottle = wait > MutationThrottle ? wait : MutationThrottle;
        return isStrict && wait > TimeSpan.Zero ? new Refusal(ErrorCode.ThrottlingQuotaExceeded, ErrorCode.ThrottlingQuotaExceeded.Meaning()) : null;
    }

    /// <summary>Whether the client may do this.</summary>
    public bool Allows(ResourceType resource, string name, AclOperation operation) =>
        Security.Authorizer is not { } authorizer || authorizer.Allows(Client.Principal, Client.Host, resource, name, operation);

    /// <summary>Whether the client may do this to some resource of a kind, whichever.</summary>
    public bool AllowsAny(ResourceType resource, AclOperation operation) =>
        Security.Authorizer is not { } authorizer || authorizer.AllowsAny(Client.Principal, Client.Host, resource, operation);

    /// <summary>Whether the client may do to a topic what it asks for.</summary>
    public ErrorCode? TopicRefusal(string topic) =>
        Rights.OnTopic(Request.Api, Version) is { } right && !Allows(ResourceType.Topic, topic, right) ? ErrorCode.TopicAuthorizationFailed : null;

    /// <summary>Whether the client may do to a group what it asks for.</summary>
    public ErrorCode? GroupRefusal(string groupId) =>
        Rights.OnGroup(Request.Api) is { } right && !Allows(ResourceType.Group, groupId, right) ? ErrorCode.GroupAuthorizationFailed : null;

    /// <summary>Whether the client may do to a transactional id what it asks for.</summary>
    public ErrorCode? TransactionalIdRefusal(string transactionalId) =>
        Rights.OnTransactionalId(Request.Api, Version) is { } right && !Allows(ResourceType.TransactionalId, transactionalId, right)
            ? ErrorCode.TransactionalIdAuthorizationFailed
            : null;

    /// <summary>Why the client may not ask for delegation tokens; null if it may.</summary>
    public ErrorCode? TokenRefusal() => !Client.IsKnown ? ErrorCode.DelegationTokenRequestNotAllowed
        : Security.Tokens.IsEnabled ? null
        : ErrorCode.DelegationTokenAuthDisabled;

    /// <summary>Why the client may not see or change rules; null if it may.</summary>
    public ErrorCode? AclRefusal(AclOperation operation) => Security.Authorizer is null
        ? ErrorCode.SecurityDisabled
        : Allows(ResourceType.Cluster, ClusterName, operation) ? null : ErrorCode.ClusterAuthorizationFailed;

    /// <summary>The error of a partition that is to be given before anything is done: a planned one, or that the client may not.</summary>
    public ErrorCode? ErrorBefore(string? topic, int partition) =>
        ErrorOf(topic, partition, afterHandling: false) ?? (topic is null ? null : TopicRefusal(topic));

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
