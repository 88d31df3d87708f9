using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing;

/// <summary>A record as it stands in a log, copied.</summary>
public sealed class StoredRecord
{
    private StoredRecord(in Record record, in RecordBatch batch)
    {
        Offset = record.Offset;
        Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(record.Timestamp, 0));
        Key = record.IsKeyNull ? (ReadOnlyMemory<byte>?)null : record.Key.ToArray();
        Value = record.IsValueNull ? (ReadOnlyMemory<byte>?)null : record.Value.ToArray();
        var headers = new List<KeyValuePair<string, ReadOnlyMemory<byte>?>>(record.Headers.Count);
        foreach (RecordHeader header in record.Headers)
        {
            headers.Add(KeyValuePair.Create(header.Key, header.IsValueNull ? (ReadOnlyMemory<byte>?)null : header.Value.ToArray()));
        }

        Headers = headers;
        LeaderEpoch = batch.LeaderEpoch;
        Producer = batch.Producer;
    }

    /// <summary>The offset.</summary>
    public long Offset { get; }

    /// <summary>The time that the producer gave it or, with log append time, the broker.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>The key, or <see langword="null"/>.</summary>
    public ReadOnlyMemory<byte>? Key { get; }

    /// <summary>The value, or <see langword="null"/>.</summary>
    public ReadOnlyMemory<byte>? Value { get; }

    /// <summary>The headers, in order; a name may come more than once.</summary>
    public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>?>> Headers { get; }

    /// <summary>The epoch of the leader that stored it.</summary>
    public int LeaderEpoch { get; }

    /// <summary>The producer id, epoch and first sequence of its batch; <see cref="BatchProducer.None"/> if not idempotent.</summary>
    public BatchProducer Producer { get; }

    internal static StoredRecord Copy(in Record record, in RecordBatch batch) => new(record, batch);
}
