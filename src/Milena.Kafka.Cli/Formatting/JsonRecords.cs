using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Cli.Formatting;

/// <summary>One JSON object a line. Bytes that are UTF-8 are text; others are <c>{"base64":"..."}</c>, so that no byte is lost.</summary>
internal sealed class JsonRecords : IDisposable
{
    private static readonly byte[] LineFeed = "\n"u8.ToArray();

    private readonly Utf8JsonWriter _json;

    public JsonRecords(IBufferWriter<byte> output)
    {
        Output = output;
        _json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private IBufferWriter<byte> Output { get; }

    public void Write(in ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record)
    {
        _json.WriteStartObject();
        _json.WriteString("topic", record.Topic);
        _json.WriteNumber("partition", record.Partition);
        _json.WriteNumber("offset", record.Offset);
        _json.WriteNumber("timestamp", record.UnixTimestamp);
        WriteBytes("key", record.Key);
        WriteBytes("value", record.Value);
        _json.WriteStartArray("headers");
        foreach (RecordHeader header in record.Headers)
        {
            _json.WriteStartObject();
            _json.WriteString("name", header.Key);
            WriteBytes("value", header.IsValueNull ? default(ReadOnlyMemory<byte>?) : header.Value);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        Output.Write(LineFeed);
    }

    public void Dispose() => _json.Dispose();

    private void WriteBytes(string name, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } present)
        {
            _json.WriteNull(name);
        }
        else if (Utf8.IsValid(present.Span))
        {
            _json.WriteString(name, present.Span);
        }
        else
        {
            _json.WriteStartObject(name);
            _json.WriteBase64String("base64", present.Span);
            _json.WriteEndObject();
        }
    }
}
