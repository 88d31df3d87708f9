namespace Milena.Kafka;

/// <summary>A record for the topic of a <see cref="TopicProducer{TKey, TValue}"/>, with all that it can carry.</summary>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TValue">The type of the value.</typeparam>
/// <param name="Key">The key; null is stored as null, and the partition is the producer's choice.</param>
/// <param name="Value">The value; null is a tombstone.</param>
public readonly record struct TopicRecord<TKey, TValue>(TKey Key, TValue Value)
{
    /// <summary>The partition; null lets the partitioner choose.</summary>
    public int? Partition { get; init; }

    /// <summary>The headers; null for none. They are read before the call returns, or before it completes if it has to wait.</summary>
    public Headers? Headers { get; init; }

    /// <summary>The time of the record, stored in whole milliseconds; null for now.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    internal ProducerRecord<TKey, TValue> For(string topic) => new(topic, Key, Value) { Partition = Partition, Headers = Headers, Timestamp = Timestamp };
}
