using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka;

/// <summary>A record that was read, with its place. Safe to keep: nothing in it borrows from the consumer's buffers.</summary>
/// <remarks>A struct, so that a record costs no memory but that of its key, value and headers.</remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly struct ConsumeResult<TKey, TValue>
{
    // A producer may have stored any number as a time.
    private const long Earliest = -62_135_596_800_000;
    private const long Latest = 253_402_300_799_999;

    private readonly long _timestamp;
    private readonly int _leaderEpoch;
    private readonly TimestampType _timestampType;

    internal ConsumeResult(in RecordOrigin origin, in Record record, TKey key, TValue value)
    {
        TopicPartition = origin.Partition;
        Offset = record.Offset;
        Key = key;
        Value = value;
        Headers = record.Headers.ToOwned();
        _timestamp = record.Timestamp;
        _timestampType = origin.TimestampType;
        _leaderEpoch = origin.LeaderEpoch;
    }

    private ConsumeResult(in ConsumeResult<TKey, TValue> other, TKey key, TValue value)
    {
        this = other;
        Key = key;
        Value = value;
    }

    /// <summary>The topic and partition of the record.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>The name of the topic.</summary>
    public string Topic => TopicPartition.Topic;

    /// <summary>The number of the partition.</summary>
    public int Partition => TopicPartition.Partition;

    /// <summary>The offset of the record in its partition.</summary>
    public long Offset { get; }

    /// <summary>The key.</summary>
    public TKey Key { get; }

    /// <summary>The value.</summary>
    public TValue Value { get; }

    /// <summary>The headers, in order; decoded as they are enumerated.</summary>
    public RecordHeaders Headers { get; }

    /// <summary>The time of the record, in whole milliseconds; 1 ms before 1970 if it was stored before Kafka 0.10, which kept none.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(_timestamp, Earliest, Latest));

    /// <summary>The time of the record in milliseconds since 1970, as it is stored; -1 if there is none.</summary>
    public long UnixTimestamp => _timestamp;

    /// <summary>Who set the time: the producer or the broker.</summary>
    public TimestampType TimestampType => _timestampType;

    /// <summary>The same record with another key and value, such as an <see cref="IConsumerInterceptor{TKey, TValue}"/> hands on.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public ConsumeResult<TKey, TValue> With(TKey key, TValue value) => new(this, key, value);

    /// <summary>The epoch of the leader that appended the record; -1 if it is not known.</summary>
    public int LeaderEpoch => _leaderEpoch;
}
