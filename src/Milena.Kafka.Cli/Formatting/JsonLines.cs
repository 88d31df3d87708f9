using System.Text.Json;

namespace Milena.Kafka.Cli.Formatting;

/// <summary>Reads what <see cref="JsonRecords"/> writes: one JSON object a line. Strict, so that a mistyped name does not lose what it stands for.</summary>
/// <param name="topic">The topic of all records; that of the lines is where they came from.</param>
/// <param name="keepsPartition">Whether a record goes to the partition that its line names.</param>
internal sealed class JsonLines(string topic, bool keepsPartition) : ILineFormat
{
    public ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? Read(ReadOnlyMemory<byte> line)
    {
        if (line.Span.Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        var reader = new Utf8JsonReader(line.Span);
        try
        {
            return Read(ref reader);
        }
        catch (JsonException fault)
        {
            throw new MalformedLineException((fault.BytePositionInLine ?? 0) + 1, fault.InnerException?.Message ?? Sentence(fault.Message));
        }
        catch (Exception fault) when (fault is InvalidOperationException or FormatException)
        {
            throw Fault(reader, fault.Message);
        }
    }

    // What follows tells line and byte again.
    private static string Sentence(string message) => message.Split(" LineNumber:")[0];

    private static MalformedLineException Fault(in Utf8JsonReader reader, string message) => new(reader.TokenStartIndex + 1, message);

    private static void Expect(in Utf8JsonReader reader, JsonTokenType token, string what)
    {
        if (reader.TokenType != token)
        {
            throw Fault(reader, $"{what} was expected.");
        }
    }

    private static byte[]? ReadBytes(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return Utf8(reader);
            case JsonTokenType.StartObject:
                reader.Read();
                if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("base64"u8))
                {
                    throw Fault(reader, "Bytes are a string, {\"base64\": ...} or null.");
                }

                reader.Read();
                Expect(reader, JsonTokenType.String, "Base64 text");
                byte[] bytes = reader.GetBytesFromBase64();
                reader.Read();
                Expect(reader, JsonTokenType.EndObject, "The end of {\"base64\": ...}");
                return bytes;
            default:
                throw Fault(reader, "Bytes are a string, {\"base64\": ...} or null.");
        }
    }

    // An array that is null would become memory that is empty.
    private static ReadOnlyMemory<byte>? Memory(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : bytes;

    private static byte[] Utf8(in Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.ToArray();
        }

        byte[] text = new byte[reader.ValueSpan.Length];
        return text[..reader.CopyString(text)];
    }

    private static Headers ReadHeaders(ref Utf8JsonReader reader)
    {
        Expect(reader, JsonTokenType.StartArray, "An array of headers");
        Headers headers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(reader, JsonTokenType.StartObject, "A header, such as {\"name\": \"n\", \"value\": \"v\"},");
            string? name = null;
            byte[]? value = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isName = reader.ValueTextEquals("name"u8);
                if (!isName && !reader.ValueTextEquals("value"u8))
                {
                    throw Fault(reader, $"'{reader.GetString()}' is none of name and value.");
                }

                reader.Read();
                (name, value) = isName ? (reader.GetString(), value) : (name, ReadBytes(ref reader));
            }

            headers.Add(name ?? throw Fault(reader, "The header has no name."), value);
        }

        return headers;
    }

    private ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        Expect(reader, JsonTokenType.StartObject, "A JSON object");
        byte[]? key = null;
        byte[]? value = null;
        bool hasValue = false;
        int? partition = null;
        long? timestamp = null;
        Headers? headers = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "key":
                    key = ReadBytes(ref reader);
                    break;
                case "value":
                    value = ReadBytes(ref reader);
                    hasValue = true;
                    break;
                case "headers":
                    headers = ReadHeaders(ref reader);
                    break;
                case "partition":
                    partition = reader.GetInt32();
                    break;
                case "timestamp":
                    timestamp = reader.TokenType == JsonTokenType.Null ? null : reader.GetInt64();
                    break;
                case "topic" or "offset":
                    // Where the record came from; it cannot be kept.
                    reader.Skip();
                    break;
                default:
                    throw Fault(reader, $"'{name}' is none of key, value, headers, timestamp, partition, topic and offset.");
            }
        }

        if (!hasValue)
        {
            throw Fault(reader, "There is no value; a tombstone is \"value\": null.");
        }

        reader.Read();
        return new ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(topic, Memory(key), Memory(value))
        {
            Headers = headers is { Count: > 0 } ? headers : null,
            Partition = keepsPartition ? partition : null,
            Timestamp = timestamp is >= 0 and var time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null,
        };
    }
}
