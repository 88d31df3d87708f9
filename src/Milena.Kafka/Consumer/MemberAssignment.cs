namespace Milena.Kafka;

/// <summary>What a member of a group is given.</summary>
/// <param name="Partitions">The partitions.</param>
/// <param name="UserData">Bytes for the member's assignor, which finds them in <see cref="PreviousAssignment.UserData"/>; null for none.</param>
public sealed record MemberAssignment(IReadOnlyList<TopicPartition> Partitions, ReadOnlyMemory<byte>? UserData = null);
