namespace Milena.Kafka.Protocol.Records;

/// <summary>A record that was read: a view into the bytes of its batch. It lives as long as their buffer.</summary>
public readonly struct Record
{
    private readonly ReadOnlyMemory<byte> _source;
    private readonly int _keyStart;
    private readonly int _keyLength;
    private readonly int _valueStart;
    private readonly int _valueLength;
    private readonly int _headersStart;
    private readonly int _headersLength;
    private readonly int _headerCount;

    internal Record(ReadOnlyMemory<byte> source, long offset, long timestamp, in RecordSlices slices)
    {
        _source = source;
        Offset = offset;
        Timestamp = timestamp;
        _keyStart = slices.KeyStart;
        _keyLength = slices.KeyLength;
        _valueStart = slices.ValueStart;
        _valueLength = slices.ValueLength;
        _headersStart = slices.HeadersStart;
        _headersLength = slices.HeadersLength;
        _headerCount = slices.HeaderCount;
    }

    /// <summary>The offset within the partition; within the batch if it has not been stored yet.</summary>
    public long Offset { get; }

    /// <summary>Milliseconds since 1970, set by whom the batch's timestamp type says; -1 in a message set of magic 0.</summary>
    public long Timestamp { get; }

    /// <summary>Whether the key is null.</summary>
    public bool IsKeyNull => _keyLength < 0;

    /// <summary>Whether the value is null, a tombstone.</summary>
    public bool IsValueNull => _valueLength < 0;

    /// <summary>The key; empty if null.</summary>
    public ReadOnlyMemory<byte> Key => _source.Slice(_keyStart, Math.Max(_keyLength, 0));

    /// <summary>The value; empty if null.</summary>
    public ReadOnlyMemory<byte> Value => _source.Slice(_valueStart, Math.Max(_valueLength, 0));

    /// <summary>The key; empty if null.</summary>
    public ReadOnlySpan<byte> KeySpan => _source.Span.Slice(_keyStart, Math.Max(_keyLength, 0));

    /// <summary>The value; empty if null.</summary>
    public ReadOnlySpan<byte> ValueSpan => _source.Span.Slice(_valueStart, Math.Max(_valueLength, 0));

    /// <summary>The headers; none in a message set of magic 0 or 1.</summary>
    public RecordHeaders Headers => new(_headerCount, _source.Slice(_headersStart, _headersLength));
}
