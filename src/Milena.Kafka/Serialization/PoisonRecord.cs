using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka;

/// <summary>A stored record whose key or value cannot be read, with its bytes as they are stored. Safe to keep.</summary>
public sealed class PoisonRecord
{
    internal PoisonRecord(TopicPartition partition, in Record record, RecordPart part, Exception failure)
    {
        TopicPartition = partition;
        Offset = record.Offset;
        UnixTimestamp = record.Timestamp;
        Key = record.IsKeyNull ? default(ReadOnlyMemory<byte>?) : record.Key.ToArray();
        Value = record.IsValueNull ? default(ReadOnlyMemory<byte>?) : record.Value.ToArray();
        Headers = record.Headers.ToOwned();
        Part = part;
        Failure = failure;
    }

    /// <summary>The topic and partition of the record.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>The offset of the record.</summary>
    public long Offset { get; }

    /// <summary>The time of the record in milliseconds since 1970; -1 if there is none.</summary>
    public long UnixTimestamp { get; }

    /// <summary>The stored key; null if it is null.</summary>
    public ReadOnlyMemory<byte>? Key { get; }

    /// <summary>The stored value; null for a tombstone.</summary>
    public ReadOnlyMemory<byte>? Value { get; }

    /// <summary>The headers, in order.</summary>
    public RecordHeaders Headers { get; }

    /// <summary>The part that cannot be read.</summary>
    public RecordPart Part { get; }

    /// <summary>What the deserializer threw.</summary>
    public Exception Failure { get; }
}
