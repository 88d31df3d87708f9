namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>As whom a consumer commits.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member; empty for one that assigns partitions by hand.</param>
/// <param name="Generation">The generation, or the member epoch (KIP-848); -1 outside of any.</param>
/// <param name="InstanceId">The name of a static member.</param>
internal sealed record GroupIdentity(string GroupId, string MemberId, int Generation, string? InstanceId)
{
    /// <summary>Whether <see cref="Generation"/> is a member epoch, which also has to be told when committed offsets are asked for.</summary>
    public bool HasEpoch { get; init; }

    /// <summary>Someone who commits without being a member.</summary>
    public static GroupIdentity Outsider(string groupId) => new(groupId, "", -1, null);
}
