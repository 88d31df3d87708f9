namespace Milena.Kafka;

/// <summary>A member of a group as its leader sees it.</summary>
public sealed class MemberSubscription
{
    /// <summary>The id that the coordinator gave the member.</summary>
    public required string MemberId { get; init; }

    /// <summary>The name of a static member (KIP-345); null for a dynamic one.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>The topics that the member subscribes to.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>The partitions that the member still holds (KIP-429); empty if it gave them up before it joined.</summary>
    public IReadOnlyList<TopicPartition> OwnedPartitions { get; init; } = [];

    /// <summary>The generation in which it was given them; -1 if it is not known (KIP-792).</summary>
    public int Generation { get; init; } = -1;

    /// <summary>Where the member stands; null if it does not say (KIP-881).</summary>
    public string? RackId { get; init; }

    /// <summary>What the member's assignor added; null for nothing.</summary>
    public ReadOnlyMemory<byte>? UserData { get; init; }
}
