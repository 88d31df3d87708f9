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

    /// <summary>The assignor of the brokers (KIP-848); null for the one that they prefer.</summary>
    public string? RemoteAssignor { get; init; }

    /// <summary>Topics by a pattern that the brokers match (KIP-848); null for none.</summary>
    public string? RemoteTopicPattern { get; init; }

    /// <summary>Whether there is another protocol to go on with if the brokers, or the group, do not speak that of KIP-848.</summary>
    public bool MayFallBack { get; init; }

    /// <summary>How long an instance id may be held by another before the user is told (KIP-848): longer than the session of one that has crashed.</summary>
    public TimeSpan InstancePatience { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Whether partitions are kept while the group rebalances: only if all assignors can (KIP-429).</summary>
    public bool IsCooperative => Assignors.All(a => a.IsCooperative);
}
