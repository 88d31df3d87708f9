namespace Milena.Kafka.Testing.Groups;

/// <summary>A position that a group has stored.</summary>
internal sealed record CommittedOffset(long Offset, int LeaderEpoch, string? Metadata);
