namespace Milena.Kafka;

/// <summary>A producer's view of one topic: the same calls without the topic. Made by <see cref="Producer{TKey, TValue}.ForTopic"/>; holds nothing that must be disposed.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>Safe for use by many threads. Order is kept as if the producer itself were called.</remarks>
public sealed class TopicProducer<TKey, TValue>
{
    private readonly Producer<TKey, TValue> _producer;

    internal TopicProducer(Producer<TKey, TValue> producer, string topic)
    {
        _producer = producer;
        Topic = topic;
    }

    /// <summary>The topic's name.</summary>
    public string Topic { get; }

    /// <summary>Sends a record and waits until it is stored.</summary>
    /// <inheritdoc cref="Producer{TKey, TValue}.ProduceAsync(string, TKey, TValue, CancellationToken)"/>
    public ValueTask<DeliveryResult> ProduceAsync(TKey key, TValue value, CancellationToken cancellationToken = default) =>
        _producer.ProduceAsync(new ProducerRecord<TKey, TValue>(Topic, key, value), cancellationToken);

    /// <summary>Sends a record with partition, headers or time, and waits until it is stored.</summary>
    /// <inheritdoc cref="Producer{TKey, TValue}.ProduceAsync(in ProducerRecord{TKey, TValue}, CancellationToken)"/>
    public ValueTask<DeliveryResult> ProduceAsync(in TopicRecord<TKey, TValue> record, CancellationToken cancellationToken = default) =>
        _producer.ProduceAsync(record.For(Topic), cancellationToken);

    /// <summary>Accepts a record and does not wait for its delivery; the producer's <see cref="Producer{TKey, TValue}.DeliveryFailed"/> tells of failures.</summary>
    /// <inheritdoc cref="Producer{TKey, TValue}.EnqueueAsync(string, TKey, TValue, CancellationToken)"/>
    public ValueTask EnqueueAsync(TKey key, TValue value, CancellationToken cancellationToken = default) =>
        _producer.EnqueueAsync(new ProducerRecord<TKey, TValue>(Topic, key, value), cancellationToken);

    /// <summary>Accepts a record with partition, headers or time, and does not wait for its delivery; the producer's <see cref="Producer{TKey, TValue}.DeliveryFailed"/> tells of failures.</summary>
    /// <inheritdoc cref="Producer{TKey, TValue}.EnqueueAsync(in ProducerRecord{TKey, TValue}, CancellationToken)"/>
    public ValueTask EnqueueAsync(in TopicRecord<TKey, TValue> record, CancellationToken cancellationToken = default) =>
        _producer.EnqueueAsync(record.For(Topic), cancellationToken);

    /// <summary>Sends records and waits until the delivery of all has ended, well or not.</summary>
    /// <inheritdoc cref="Producer{TKey, TValue}.ProduceManyAsync"/>
    public Task<ProduceManyResult> ProduceManyAsync(IEnumerable<TopicRecord<TKey, TValue>> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        return _producer.ProduceManyAsync(records.Select(r => r.For(Topic)), cancellationToken);
    }
}
