using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A group of the classic protocol, whatever its members are.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="ProtocolType">What its members are: <c>consumer</c>, <c>connect</c>, ...; empty for a group that only stores offsets.</param>
/// <param name="Protocol">The protocol that members agreed on, of consumers the assignor; empty while there is none.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Members">Who is in it.</param>
/// <param name="CoordinatorId">The broker that looks after it.</param>
public sealed record ClassicGroupDescription(
    string GroupId, string ProtocolType, string Protocol, GroupState State, IReadOnlyList<ClassicGroupMember> Members, int CoordinatorId)
{
    /// <summary>What this client may do with the group; null if it was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
