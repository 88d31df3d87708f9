namespace Milena.Kafka;

/// <summary>Why a consumer moves or does not, at a moment.</summary>
/// <param name="Partitions">All assigned partitions.</param>
/// <param name="IsWaitingForRecords">Whether the loop waits for records; else it is busy with those that it has, or there is none.</param>
/// <param name="GroupState">Where its membership stands, in Kafka's words, such as <c>Stable</c>; null without a group.</param>
public sealed record ConsumerStatus(IReadOnlyList<PartitionStatus> Partitions, bool IsWaitingForRecords, string? GroupState);
