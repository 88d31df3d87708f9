using System.Text;

namespace Milena.Kafka.Protocol.Records;

/// <summary>A header of a record (KIP-82): a name and a value that may be null. Names may repeat.</summary>
public readonly struct RecordHeader
{
    private readonly string? _key;
    private readonly ReadOnlyMemory<byte> _utf8Key;
    private readonly ReadOnlyMemory<byte> _value;
    private readonly bool _hasValue;

    /// <summary>Creates a header.</summary>
    /// <param name="key">The name.</param>
    /// <param name="value">The value.</param>
    public RecordHeader(string key, ReadOnlyMemory<byte>? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key;
        _value = value.GetValueOrDefault();
        _hasValue = value.HasValue;
    }

    /// <summary>Creates a header.</summary>
    /// <param name="key">The name.</param>
    /// <param name="value">The value.</param>
    public RecordHeader(string key, byte[]? value) : this(key, value is null ? default(ReadOnlyMemory<byte>?) : value.AsMemory())
    {
        // Of its own, since a null array would turn into empty memory.
    }

    /// <summary>Creates a header from a name that is encoded already.</summary>
    /// <param name="utf8Key">The name in UTF-8; not checked.</param>
    /// <param name="value">The value.</param>
    public RecordHeader(ReadOnlyMemory<byte> utf8Key, ReadOnlyMemory<byte>? value)
    {
        _utf8Key = utf8Key;
        _value = value.GetValueOrDefault();
        _hasValue = value.HasValue;
    }

    /// <summary>The name. For a header that was read, each call decodes it; bytes that are not UTF-8 become U+FFFD, since one bad header must not stop a consumer.</summary>
    public string Key => _key ?? Encoding.UTF8.GetString(_utf8Key.Span);

    /// <summary>The name in UTF-8, as a slice of the batch for a header that was read.</summary>
    public ReadOnlyMemory<byte> Utf8Key => _key is null ? _utf8Key : Encoding.UTF8.GetBytes(_key);

    /// <summary>Whether the value is null.</summary>
    public bool IsValueNull => !_hasValue;

    /// <summary>The value, as a slice of the batch for a header that was read; empty if null.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    internal int KeyLength => _key is null ? _utf8Key.Length : Encoding.UTF8.GetByteCount(_key);

    internal int ValueWireLength => _hasValue ? _value.Length : -1;

    internal int WriteKey(Span<byte> destination)
    {
        if (_key is not null)
        {
            return Encoding.UTF8.GetBytes(_key, destination);
        }

        _utf8Key.Span.CopyTo(destination);
        return _utf8Key.Length;
    }
}
