namespace Milena.Kafka.Testing.Groups;

/// <summary>A position that a group has stored.</summary>
internal sealed record CommittedOffset(long Offset, int LeaderEpoch, string? Metadata)
{
    /// <summary>The topic that it is of: one that takes its name later begins without positions.</summary>
    public Guid TopicId { get; init; }
}
