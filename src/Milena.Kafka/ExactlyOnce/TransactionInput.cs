namespace Milena.Kafka;

/// <summary>What a transaction of an <see cref="ExactlyOnceLoop{TKey, TValue, TOutKey, TOutValue}"/> has read of a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="FirstOffset">The offset of the first record.</param>
/// <param name="NextOffset">Where the group goes on if the transaction is committed: the offset after the last record.</param>
/// <param name="Records">How many records lie between; offsets may have gaps.</param>
public sealed record TransactionInput(TopicPartition Partition, long FirstOffset, long NextOffset, int Records);
