using System.Collections.Immutable;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>A member of a consumer group at one moment. Immutable; <see cref="ConsumerGroup"/> replaces it.</summary>
internal sealed record ConsumerMember(string Id)
{
    /// <summary>The epoch of a static member that has gone and will be back.</summary>
    public const int AwayEpoch = -2;

    public string? InstanceId { get; init; }

    public string? RackId { get; init; }

    public string ClientId { get; init; } = "";

    public string ClientHost { get; init; } = "";

    public TimeSpan RebalanceTimeout { get; init; }

    public ImmutableSortedSet<string> TopicNames { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The regular expression of KIP-848; empty for none.</summary>
    public string TopicRegex { get; init; } = "";

    public string? ServerAssignor { get; init; }

    public int Epoch { get; init; }

    public int PreviousEpoch { get; init; }

    public MemberState State { get; init; }

    /// <summary>What the member may read.</summary>
    public PartitionSet Assigned { get; init; } = [];

    /// <summary>What it must give up, and owns until it says that it has.</summary>
    public PartitionSet Revoking { get; init; } = [];

    /// <summary>Set while the member speaks the classic protocol.</summary>
    public ClassicMembership? Classic { get; init; }

    public bool IsReconciledTo(int epoch) => State == MemberState.Stable && Epoch == epoch;

    public ConsumerMember MovedTo(int epoch, MemberState state, PartitionSet assigned, PartitionSet revoking) => this with
    {
        PreviousEpoch = Epoch,
        Epoch = epoch,
        State = state,
        Assigned = assigned,
        Revoking = revoking,
    };
}
