using System.Text;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Cli.Formatting;

/// <summary>Which records are wanted: those with a key and with all the headers that are named.</summary>
internal sealed class RecordFilter
{
    private readonly byte[]? _key;
    private readonly (string Name, byte[]? Value)[] _headers;

    /// <summary>Makes one.</summary>
    /// <param name="key">The key as text; null for any.</param>
    /// <param name="headers">Headers as NAME or NAME=VALUE.</param>
    public RecordFilter(string? key, IEnumerable<string> headers)
    {
        _key = key is null ? null : Encoding.UTF8.GetBytes(key);
        _headers = [.. headers.Select(Parse)];
    }

    public bool Matches(in ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record)
    {
        if (_key is not null && !(record.Key is { } key && key.Span.SequenceEqual(_key)))
        {
            return false;
        }

        foreach ((string name, byte[]? value) in _headers)
        {
            if (!Has(record.Headers, name, value))
            {
                return false;
            }
        }

        return true;
    }

    private static (string Name, byte[]? Value) Parse(string header)
    {
        int equals = header.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (header, null) : (header[..equals], Encoding.UTF8.GetBytes(header[(equals + 1)..]));
    }

    private static bool Has(RecordHeaders headers, string name, byte[]? value)
    {
        foreach (RecordHeader header in headers)
        {
            if (header.Key == name && (value is null || (!header.IsValueNull && header.Value.Span.SequenceEqual(value))))
            {
                return true;
            }
        }

        return false;
    }
}
