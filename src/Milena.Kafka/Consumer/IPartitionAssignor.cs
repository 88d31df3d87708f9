namespace Milena.Kafka;

/// <summary>Shares out the partitions of a group among its members. Runs in the member that the group's coordinator chose as leader.</summary>
/// <remarks>
/// All members of a group must offer an assignor of the same <see cref="Name"/>, in whatever language they are written. Those of
/// <see cref="PartitionAssignors"/> are wire-compatible with Java's. Called by one thread at a time; must not block. Kafka calls this
/// <c>partition.assignment.strategy</c>.
/// </remarks>
public interface IPartitionAssignor
{
    /// <summary>The name by which members agree on it.</summary>
    string Name { get; }

    /// <summary>Whether a member may keep its partitions while the group rebalances (KIP-429). Only used if all assignors of a consumer can.</summary>
    /// <remarks>A cooperative assignor never gives a partition to a member while another still owns it: it leaves it out, and the group rebalances once more.</remarks>
    bool IsCooperative => false;

    /// <summary>What a member tells the leader beyond its subscription.</summary>
    /// <param name="previous">The topics and what the member was given last.</param>
    /// <returns>Bytes that the leader finds in <see cref="MemberSubscription.UserData"/>; null for none.</returns>
    ReadOnlyMemory<byte>? CreateUserData(PreviousAssignment previous) => default(ReadOnlyMemory<byte>?);

    /// <summary>Shares out the partitions.</summary>
    /// <param name="request">The members and the topics that they subscribe to.</param>
    /// <returns>What each member gets, by member id. A member that is left out gets nothing.</returns>
    IReadOnlyDictionary<string, MemberAssignment> Assign(AssignmentRequest request);
}
