namespace Milena.Kafka.Consumer.Internal;

/// <summary>Where a record that failed was read.</summary>
internal readonly record struct FailedPlace(TopicPartition Partition, long Offset, long UnixTimestamp);
