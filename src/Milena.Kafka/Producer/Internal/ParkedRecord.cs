using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The copy of a record that has to wait for metadata or room.</summary>
internal sealed class ParkedRecord
{
    private readonly byte[]? _key;
    private readonly byte[]? _value;
    private readonly RecordHeader[] _headers;
    private readonly long _timestamp;
    private readonly bool _isAwaited;

    public ParkedRecord(in PendingRecord record)
    {
        Topic = record.Topic;
        Partition = record.Partition;
        _key = record.Key.IsNull ? null : record.Key.Span.ToArray();
        _value = record.Value.IsNull ? null : record.Value.Span.ToArray();
        _headers = record.Headers.ToArray();
        _timestamp = record.Timestamp;
        _isAwaited = record.IsAwaited;
    }

    public string Topic { get; }

    /// <summary>The partition that the caller wants; -1 for any.</summary>
    public int Partition { get; }

    public PendingRecord ToPending() => new()
    {
        Topic = Topic,
        Partition = Partition,
        Key = _key,
        Value = _value,
        Headers = _headers,
        Timestamp = _timestamp,
        IsAwaited = _isAwaited,
    };
}
