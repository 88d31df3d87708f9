using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka;

/// <summary>The headers of a record (KIP-82): names and bytes, in order. Names may repeat and values may be null.</summary>
/// <example><code>new Headers { { "trace", "4bf92f35" }, { "retries", bytes } }</code></example>
/// <remarks>Not thread-safe.</remarks>
public sealed class Headers : IReadOnlyList<RecordHeader>
{
    private readonly List<RecordHeader> _headers = [];

    /// <summary>The number of headers.</summary>
    public int Count => _headers.Count;

    /// <summary>The header at a place.</summary>
    /// <param name="index">The place, from 0.</param>
    public RecordHeader this[int index] => _headers[index];

    /// <summary>Adds a header at the end.</summary>
    /// <param name="header">The header.</param>
    public void Add(RecordHeader header) => _headers.Add(header);

    /// <summary>Adds a header at the end.</summary>
    /// <param name="key">The name.</param>
    /// <param name="value">The value, which may be null. It is not copied: leave it unchanged until the record was accepted.</param>
    [OverloadResolutionPriority(1)]
    public void Add(string key, byte[]? value) => _headers.Add(new RecordHeader(key, value));

    /// <summary>Adds a header at the end.</summary>
    /// <param name="key">The name.</param>
    /// <param name="value">The value. It is not copied: leave it unchanged until the record was accepted.</param>
    public void Add(string key, ReadOnlyMemory<byte> value) => _headers.Add(new RecordHeader(key, value));

    /// <summary>Adds a header at the end.</summary>
    /// <param name="key">The name.</param>
    /// <param name="value">The value, stored as UTF-8.</param>
    public void Add(string key, string value) => _headers.Add(new RecordHeader(key, Encoding.UTF8.GetBytes(value)));

    /// <summary>Removes all headers.</summary>
    public void Clear() => _headers.Clear();

    /// <inheritdoc/>
    public IEnumerator<RecordHeader> GetEnumerator() => _headers.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal Headers Copy()
    {
        var copy = new Headers();
        copy._headers.AddRange(_headers);
        return copy;
    }

    internal ReadOnlySpan<RecordHeader> AsSpan() => CollectionsMarshal.AsSpan(_headers);
}
