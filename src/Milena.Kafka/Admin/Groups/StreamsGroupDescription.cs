using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A group of the Streams protocol (KIP-1071).</summary>
/// <param name="GroupId">The group, which Streams calls <c>application.id</c>.</param>
/// <param name="State">Where it stands.</param>
/// <param name="GroupEpoch">How often the group has changed.</param>
/// <param name="AssignmentEpoch">The group epoch that the target assignment was made for.</param>
/// <param name="Topology">What it runs; null while no member has told.</param>
/// <param name="Members">Who is in it.</param>
/// <param name="CoordinatorId">The broker that looks after it.</param>
public sealed record StreamsGroupDescription(
    string GroupId, GroupState State, int GroupEpoch, int AssignmentEpoch, StreamsTopology? Topology, IReadOnlyList<StreamsGroupMember> Members, int CoordinatorId)
{
    /// <summary>The assignor; null where brokers do not tell.</summary>
    public string? Assignor { get; init; }

    /// <summary>What this client may do with the group; null if it was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
