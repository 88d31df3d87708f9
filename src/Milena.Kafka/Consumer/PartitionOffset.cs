namespace Milena.Kafka;

/// <summary>A position of a group in a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset of the next record to process: that of the last processed one plus 1.</param>
/// <param name="LeaderEpoch">The leader epoch of the last processed record, by which a truncated log is found out (KIP-320); -1 if it is not known.</param>
/// <param name="Metadata">Any text that is stored beside it.</param>
public sealed record PartitionOffset(TopicPartition Partition, long Offset, int LeaderEpoch = -1, string? Metadata = null);
