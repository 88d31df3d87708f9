namespace Milena.Kafka;

/// <summary>Sees each record before it is handed out, and each commit. Given to <c>CreateConsumer</c> of <see cref="KafkaClient"/>; several stand in a chain, in the order of the list.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>Kafka calls this <c>interceptor.classes</c> (KIP-42). Whatever a method throws is logged and goes no further: the record goes on as it was before that interceptor.</remarks>
public interface IConsumerInterceptor<TKey, TValue>
{
    /// <summary>A record is about to be handed out, on the thread that reads. In a batch it comes when the record is reached; the stored bytes of a batch do not come by here.</summary>
    /// <param name="record">The record as the interceptor before left it.</param>
    /// <returns>The record to hand out: the same, or one with another key or value by <see cref="ConsumeResult{TKey, TValue}.With"/>.</returns>
    ConsumeResult<TKey, TValue> OnConsume(in ConsumeResult<TKey, TValue> record) => record;

    /// <summary>The group has stored offsets, on a thread of the consumer. Must be quick.</summary>
    /// <param name="offsets">What is stored.</param>
    void OnCommit(IReadOnlyList<PartitionOffset> offsets)
    {
    }
}
