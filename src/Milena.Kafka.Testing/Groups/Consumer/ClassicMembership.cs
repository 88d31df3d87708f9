using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>What is kept of a member that takes part by JoinGroup, SyncGroup and Heartbeat. Immutable.</summary>
internal sealed record ClassicMembership(TimeSpan SessionTimeout, IReadOnlyList<JoinGroupRequest.JoinGroupRequestProtocol> Protocols)
{
    /// <summary>The protocol that the member is told was chosen: within a consumer group the broker assigns, so the name decides nothing.</summary>
    public JoinGroupRequest.JoinGroupRequestProtocol First => Protocols[0];
}
