using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A consumer group of either protocol.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Type"><see cref="GroupType.Consumer"/> for the protocol of KIP-848, else <see cref="GroupType.Classic"/>.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Assignor">The assignor: <c>uniform</c>, <c>range</c>, ...; empty while there is none.</param>
/// <param name="Members">Who is in it.</param>
/// <param name="CoordinatorId">The broker that looks after it.</param>
public sealed record ConsumerGroupDescription(
    string GroupId, GroupType Type, GroupState State, string Assignor, IReadOnlyList<ConsumerGroupMember> Members, int CoordinatorId)
{
    /// <summary>Whether the group only stores offsets, and nobody has joined it.</summary>
    public bool IsSimple { get; init; }

    /// <summary>How often the group has changed; null for the classic protocol.</summary>
    public int? GroupEpoch { get; init; }

    /// <summary>The group epoch that the target assignment was made for; null for the classic protocol.</summary>
    public int? AssignmentEpoch { get; init; }

    /// <summary>What this client may do with the group; null if it was not asked for.</summary>
    public IReadOnlySet<AclOperation>? AuthorizedOperations { get; init; }
}
