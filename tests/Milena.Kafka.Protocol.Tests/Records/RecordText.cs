using System.Text;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

/// <summary>Records as one line of text each, in the form of the fixtures.</summary>
internal static class RecordText
{
    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    public static string Key(in Record record) => record.IsKeyNull ? "null" : Hex(record.KeySpan);

    public static string Value(in Record record) => record.IsValueNull ? "null" : Hex(record.ValueSpan);

    public static string Headers(in Record record)
    {
        var text = new StringBuilder();
        foreach (RecordHeader header in record.Headers)
        {
            text.Append(text.Length > 0 ? "," : "")
                .Append(Hex(header.Utf8Key.Span))
                .Append('=')
                .Append(header.IsValueNull ? "null" : Hex(header.Value.Span));
        }

        return text.ToString();
    }

    public static string Line(in Record record) =>
        $"{record.Offset}\t{record.Timestamp}\t{Key(record)}\t{Value(record)}\t{Headers(record)}";

    public static List<string> Lines(RecordBatch batch, RecordReadOptions? options = null)
    {
        using BatchRecords records = batch.OpenRecords(options);
        var lines = new List<string>();
        foreach (ref readonly Record record in records)
        {
            lines.Add(Line(record));
        }

        return lines;
    }

    public static string Codec(CompressionType compression) => compression.ToString().ToLowerInvariant();
}
