using System.Buffers;
using System.Text;

namespace Milena.Kafka.Cli.Commands;

/// <summary>Makes records out of lines of bytes.</summary>
internal sealed class LineRecords
{
    private readonly string _topic;
    private readonly byte[]? _keySeparator;
    private readonly byte[]? _nullValue;
    private readonly int? _partition;
    private readonly Headers? _headers;

    public LineRecords(string topic, string? keySeparator, string? nullValue, int? partition, IEnumerable<string> headers)
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

    /// <summary>Takes the next whole line; at the end of the input also one that no line feed ends.</summary>
    public bool TryTake(ref ReadOnlySequence<byte> input, bool isLast, out ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record)
    {
        SequencePosition? end = input.PositionOf((byte)'\n');
        if (end is null && (!isLast || input.IsEmpty))
        {
            record = default;
            return false;
        }

        byte[] line = (end is null ? input : input.Slice(0, end.Value)).ToArray();
        input = input.Slice(end is null ? input.End : input.GetPosition(1, end.Value));
        record = ToRecord(line);
        return true;
    }

    private ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> ToRecord(ReadOnlyMemory<byte> line)
    {
        int separator = _keySeparator is null ? -1 : line.Span.IndexOf(_keySeparator);
        ReadOnlyMemory<byte>? key = separator < 0 ? default(ReadOnlyMemory<byte>?) : line[..separator];
        ReadOnlyMemory<byte> value = separator < 0 ? line : line[(separator + _keySeparator!.Length)..];
        bool isNull = _nullValue is not null && value.Span.SequenceEqual(_nullValue);
        return new ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(_topic, key, isNull ? default(ReadOnlyMemory<byte>?) : value) { Partition = _partition, Headers = _headers };
    }
}
