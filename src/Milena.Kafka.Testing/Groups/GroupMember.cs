using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Groups;

/// <summary>A member of a classic group. Guarded by its <see cref="ClassicGroup"/>.</summary>
internal sealed class GroupMember(string id, string? instanceId, string clientId, string clientHost)
{
    public string Id { get; set; } = id;

    public string? InstanceId { get; } = instanceId;

    public string ClientId { get; set; } = clientId;

    public string ClientHost { get; set; } = clientHost;

    public TimeSpan SessionTimeout { get; set; }

    public TimeSpan RebalanceTimeout { get; set; }

    public IReadOnlyList<JoinGroupRequest.JoinGroupRequestProtocol> Protocols { get; set; } = [];

    public ReadOnlyMemory<byte> Assignment { get; set; }

    /// <summary>The JoinGroup request that waits for the others.</summary>
    public TaskCompletionSource<JoinGroupResponse>? Joining { get; set; }

    /// <summary>The SyncGroup request that waits for the leader.</summary>
    public TaskCompletionSource<SyncGroupResponse>? Syncing { get; set; }

    /// <summary>Ends the membership when nothing is heard any more.</summary>
    public ITimer? SessionTimer { get; set; }

    /// <summary>A member that waits for an answer cannot send heartbeats and need not.</summary>
    public bool IsWaiting => Joining is not null || Syncing is not null;

    public bool Knows(string protocol) => Protocols.Any(offered => offered.Name == protocol);

    public ReadOnlyMemory<byte> MetadataOf(string protocol) => Protocols.FirstOrDefault(offered => offered.Name == protocol)?.Metadata ?? default;

    public bool Offers(IReadOnlyList<JoinGroupRequest.JoinGroupRequestProtocol> protocols) =>
        Protocols.Count == protocols.Count
        && Protocols.Zip(protocols).All(pair => pair.First.Name == pair.Second.Name && pair.First.Metadata.Span.SequenceEqual(pair.Second.Metadata.Span));

    /// <summary>The member as it is in the log: without timers and without those who wait.</summary>
    public GroupMember Copy() => new(Id, InstanceId, ClientId, ClientHost)
    {
        SessionTimeout = SessionTimeout,
        RebalanceTimeout = RebalanceTimeout,
        Protocols = Protocols,
        Assignment = Assignment,
    };

    public void KeepAlive() => SessionTimer?.Change(SessionTimeout, Timeout.InfiniteTimeSpan);

    public void AnswerJoin(JoinGroupResponse response)
    {
        TaskCompletionSource<JoinGroupResponse>? joining = Joining;
        Joining = null;
        joining?.TrySetResult(response);
    }

    public void AnswerSync(SyncGroupResponse response)
    {
        TaskCompletionSource<SyncGroupResponse>? syncing = Syncing;
        Syncing = null;
        syncing?.TrySetResult(response);
    }
}
