using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>A serialized record on its way into a batch. Lives as long as the caller's scratch.</summary>
internal readonly ref struct PendingRecord
{
    public required string Topic { get; init; }

    /// <summary>The partition that the caller wants; -1 leaves the choice to the partitioner.</summary>
    public required int Partition { get; init; }

    public required RecordBytes Key { get; init; }

    public required RecordBytes Value { get; init; }

    public required ReadOnlySpan<RecordHeader> Headers { get; init; }

    public required long Timestamp { get; init; }

    public required bool IsAwaited { get; init; }

    /// <summary>Who wants to hear of its end; null for nobody.</summary>
    public RecordObserver? Observer { get; init; }

    /// <summary>The bytes of key and value; with headers, whose size takes longer to tell, a number beyond any.</summary>
    public int PayloadSize => Headers.IsEmpty ? Key.Span.Length + Value.Span.Length : int.MaxValue;

    /// <summary>The most bytes that it takes in a batch.</summary>
    public long MaxSize => RecordBatchWriter.EstimateSize(Key.Span.Length, Value.Span.Length, Headers);
}
