using Milena.Kafka.Common;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>How to be a member.</summary>
internal sealed record MembershipOptions
{
    public required string GroupId { get; init; }

    public string? InstanceId { get; init; }

    public string? RackId { get; init; }

    public required TimeSpan SessionTimeout { get; init; }

    public required TimeSpan HeartbeatInterval { get; init; }

    public required TimeSpan RebalanceTimeout { get; init; }

    public required IReadOnlyList<IPartitionAssignor> Assignors { get; init; }

    public required ExponentialBackoff Backoff { get; init; }

    /// <summary>Whether partitions are kept while the group rebalances: only if all assignors can (KIP-429).</summary>
    public bool IsCooperative => Assignors.All(a => a.IsCooperative);
}
