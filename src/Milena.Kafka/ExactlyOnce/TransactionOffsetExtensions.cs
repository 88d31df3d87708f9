namespace Milena.Kafka;

/// <summary>Makes what a consumer handed out part of a producer's transaction.</summary>
public static class TransactionOffsetExtensions
{
    /// <summary>Makes the position behind a record part of the transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="group">As whom it is committed; ask the consumer that read the record.</param>
    /// <param name="record">The last record of its partition whose work is done in the transaction.</param>
    /// <typeparam name="TKey">The type of the transaction's keys.</typeparam>
    /// <typeparam name="TValue">The type of the transaction's values.</typeparam>
    /// <typeparam name="TReadKey">The type of the record's key.</typeparam>
    /// <typeparam name="TReadValue">The type of the record's value.</typeparam>
    /// <inheritdoc cref="ProducerTransaction{TKey, TValue}.AddOffsets(ConsumerGroupMetadata, IEnumerable{PartitionOffset})"/>
    public static void AddOffsets<TKey, TValue, TReadKey, TReadValue>(
        this ProducerTransaction<TKey, TValue> transaction, ConsumerGroupMetadata group, in ConsumeResult<TReadKey, TReadValue> record)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        transaction.AddOffsets(group, new PartitionOffset(record.TopicPartition, record.Offset + 1, record.LeaderEpoch));
    }

    /// <summary>Makes the position behind a batch part of the transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="group">As whom it is committed; ask the consumer that read the batch.</param>
    /// <param name="batch">The last batch of its partition whose work is done in the transaction.</param>
    /// <typeparam name="TKey">The type of the transaction's keys.</typeparam>
    /// <typeparam name="TValue">The type of the transaction's values.</typeparam>
    /// <typeparam name="TReadKey">The type of the batch's keys.</typeparam>
    /// <typeparam name="TReadValue">The type of the batch's values.</typeparam>
    /// <inheritdoc cref="ProducerTransaction{TKey, TValue}.AddOffsets(ConsumerGroupMetadata, IEnumerable{PartitionOffset})"/>
    public static void AddOffsets<TKey, TValue, TReadKey, TReadValue>(
        this ProducerTransaction<TKey, TValue> transaction, ConsumerGroupMetadata group, ConsumeBatch<TReadKey, TReadValue> batch)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(batch);
        transaction.AddOffsets(group, new PartitionOffset(batch.TopicPartition, batch.NextOffset, batch.LeaderEpoch));
    }
}
