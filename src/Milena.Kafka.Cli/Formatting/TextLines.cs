using System.Text;

namespace Milena.Kafka.Cli.Formatting;

/// <summary>Lines that are the value of a record, or its key and value.</summary>
internal sealed class TextLines : ILineFormat
{
    private readonly string _topic;
    private readonly byte[]? _keySeparator;
    private readonly byte[]? _nullValue;
    private readonly int? _partition;
    private readonly Headers? _headers;

    public TextLines(string topic, string? keySeparator, string? nullValue, int? partition, IEnumerable<string> headers)
    {
        _topic = topic;
        _keySeparator = string.IsNullOrEmpty(keySeparator) ? null : Encoding.UTF8.GetBytes(keySeparator);
        _nullValue = nullValue is null ? null : Encoding.UTF8.GetBytes(nullValue);
        _partition = partition;
        foreach (string header in headers)
        {
            int equals = header.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new ArgumentException($"--header '{header}' is not of the form NAME=VALUE.");
            }

            _headers ??= [];
            _headers.Add(header[..equals], Encoding.UTF8.GetBytes(header[(equals + 1)..]));
        }
    }

    public ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? Read(ReadOnlyMemory<byte> line)
    {
        int separator = _keySeparator is null ? -1 : line.Span.IndexOf(_keySeparator);
        ReadOnlyMemory<byte>? key = separator < 0 ? default(ReadOnlyMemory<byte>?) : line[..separator];
        ReadOnlyMemory<byte> value = separator < 0 ? line : line[(separator + _keySeparator!.Length)..];
        bool isNull = _nullValue is not null && value.Span.SequenceEqual(_nullValue);
        return new ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(_topic, key, isNull ? default(ReadOnlyMemory<byte>?) : value) { Partition = _partition, Headers = _headers };
    }
}
