namespace Milena.Kafka.Protocol.Records;

/// <summary>A key or a value on its way into a batch: bytes, maybe none at all, or null. The default is null.</summary>
public readonly ref struct RecordBytes
{
    private readonly bool _isPresent;

    /// <summary>Bytes that are there, be they none.</summary>
    /// <param name="bytes">The bytes.</param>
    public RecordBytes(ReadOnlySpan<byte> bytes)
    {
        Span = bytes;
        _isPresent = true;
    }

    /// <summary>Null, which is not the same as empty.</summary>
    public static RecordBytes Null => default;

    /// <summary>Whether it is null.</summary>
    public bool IsNull => !_isPresent;

    /// <summary>The bytes; empty if null.</summary>
    public ReadOnlySpan<byte> Span { get; }

    /// <summary>The length as it stands on the wire: -1 if null.</summary>
    internal int WireLength => _isPresent ? Span.Length : -1;

    /// <summary>Bytes that are there, be they none.</summary>
    /// <param name="bytes">The bytes.</param>
    public static implicit operator RecordBytes(ReadOnlySpan<byte> bytes) => new(bytes);

    /// <summary>Bytes that are there, be they none.</summary>
    /// <param name="bytes">The bytes.</param>
    public static implicit operator RecordBytes(ReadOnlyMemory<byte> bytes) => new(bytes.Span);

    /// <summary>Bytes or null.</summary>
    /// <param name="bytes">The bytes.</param>
    public static implicit operator RecordBytes(ReadOnlyMemory<byte>? bytes) => bytes is { } present ? new(present.Span) : default;

    /// <summary>Bytes or null.</summary>
    /// <param name="bytes">The bytes.</param>
    public static implicit operator RecordBytes(byte[]? bytes) => bytes is null ? default : new(bytes);
}
