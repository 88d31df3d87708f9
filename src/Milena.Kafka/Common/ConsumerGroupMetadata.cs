namespace Milena.Kafka;

/// <summary>As whom a consumer commits: its group and its membership there (KIP-447). Immutable; a consumer hands out another one after each rebalance.</summary>
/// <remarks>
/// A transaction that carries offsets names it, so that a member that has lost its partitions cannot commit for the one that has them now. Ask the consumer for it
/// at the time of the commit; one that was kept is refused after a rebalance, which is the point.
/// </remarks>
public sealed class ConsumerGroupMetadata
{
    /// <summary>Names a group, and a member of it.</summary>
    /// <param name="groupId">The group; Kafka calls it <c>group.id</c>.</param>
    /// <param name="memberId">The member's id; empty for a consumer that assigns partitions by hand.</param>
    /// <param name="generation">The generation of the group, or the member's epoch (KIP-848); -1 outside of any.</param>
    /// <param name="instanceId">The name of a static member (KIP-345), Kafka's <c>group.instance.id</c>; null for none.</param>
    /// <exception cref="ArgumentException">The group is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The generation is below -1.</exception>
    public ConsumerGroupMetadata(string groupId, string memberId = "", int generation = -1, string? instanceId = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        ArgumentNullException.ThrowIfNull(memberId);
        ArgumentOutOfRangeException.ThrowIfLessThan(generation, -1);
        GroupId = groupId;
        MemberId = memberId;
        Generation = generation;
        InstanceId = instanceId;
    }

    /// <summary>The group.</summary>
    public string GroupId { get; }

    /// <summary>The member's id; empty for a consumer that assigns partitions by hand.</summary>
    public string MemberId { get; }

    /// <summary>The generation of the group, or the member's epoch (KIP-848); -1 outside of any.</summary>
    public int Generation { get; }

    /// <summary>The name of a static member; null for none.</summary>
    public string? InstanceId { get; }

    /// <summary>The group, the member and its generation, for logs.</summary>
    public override string ToString() => MemberId.Length == 0 ? GroupId : $"{GroupId} ({MemberId}, generation {Generation})";
}
