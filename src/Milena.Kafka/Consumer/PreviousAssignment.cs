namespace Milena.Kafka;

/// <summary>What a member was given last, for an assignor that tells the leader about it.</summary>
/// <param name="Topics">The topics that the member subscribes to now.</param>
/// <param name="Partitions">The partitions of its last assignment; null if it never had one.</param>
/// <param name="Generation">The generation of that assignment; -1 if there was none.</param>
/// <param name="UserData">What the leader's assignor sent with it; null for nothing.</param>
public sealed record PreviousAssignment(IReadOnlyList<string> Topics, IReadOnlyList<TopicPartition>? Partitions, int Generation, ReadOnlyMemory<byte>? UserData);
