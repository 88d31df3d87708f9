using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A share group (KIP-932).</summary>
/// <param name="GroupId">The group.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Assignor">The assignor; empty while there is none.</param>
/// <param name="GroupEpoch">How often the group has changed.</param>
/// <param name="AssignmentEpoch">The group epoch that the assignment was made for.</param>
/// <param name="Members">Who is in it.</param>
/// <param name="CoordinatorId">The broker that looks after it.</param>
public sealed record ShareGroupDescription(
    string GroupId, GroupState State, string Assignor, int GroupEpoch, int AssignmentEpoch, IReadOnlyList<ShareGroupMember> Members, int CoordinatorId)
{
    /// <summary>What this client may do with the group; null if it was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
