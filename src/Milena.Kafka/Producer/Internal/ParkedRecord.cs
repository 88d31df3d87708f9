using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The copy of a record that has to wait for its serializer, for metadata or for room.</summary>
internal sealed class ParkedRecord
{
    private byte[]? _key;
    private byte[]? _value;
    private RecordHeader[] _headers = [];
    private long _timestamp;
    private bool _isAwaited;
    private RecordObserver? _observer;

    public ParkedRecord(in PendingRecord record)
    {
        Topic = record.Topic;
        Partition = record.Partition;
        Fill(in record);
    }

    /// <summary>Parks a record whose bytes are still to come.</summary>
    public ParkedRecord(string topic, int partition)
    {
        Topic = topic;
        Partition = partition;
    }

    public string Topic { get; }

    /// <summary>The partition that the caller wants; -1 for any.</summary>
    public int Partition { get; }

    /// <summary>Ends when <see cref="Fill"/> was called, or fails as the serializer did.</summary>
    public Task Serialized { get; set; } = Task.CompletedTask;

    public void Fill(in PendingRecord record)
    {
        _key = record.Key.IsNull ? null : record.Key.Span.ToArray();
        _value = record.Value.IsNull ? null : record.Value.Span.ToArray();
        _headers = record.Headers.ToArray();
        _timestamp = record.Timestamp;
        _isAwaited = record.IsAwaited;
        _observer = record.Observer;
    }

    public PendingRecord ToPending() => new()
    {
        Topic = Topic,
        Partition = Partition,
        Key = _key,
        Value = _value,
        Headers = _headers,
        Timestamp = _timestamp,
        IsAwaited = _isAwaited,
        Observer = _observer,
    };
}
