using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>JSON, UTF-8. One writer per thread is used again and again.</summary>
internal sealed class JsonSerde<T> : ISerde<T?>
{
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    private readonly JsonTypeInfo<T> _typeInfo;

    public JsonSerde(JsonTypeInfo<T> typeInfo) => _typeInfo = typeInfo;

    public void Serialize(T? value, IBufferWriter<byte> output, SerializationContext context)
    {
        // Taken while in use: a converter of the user's may serialize something else on the same thread.
        Utf8JsonWriter writer = Interlocked.Exchange(ref _writer, null) ?? new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.Reset(output);
        try
        {
            JsonSerializer.Serialize(writer, value!, _typeInfo);
            writer.Flush();
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException)
        {
            throw new SerializationException($"A {context.Part} for '{context.Topic}' cannot be written as JSON: {fault.Message}", fault);
        }

        _writer = writer;
    }

    public T? Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context)
    {
        if (isNull)
        {
            return default(T) is null
                ? default
                : throw new SerializationException($"A {context.Part} of '{context.Topic}' is null, which {typeof(T).Name} cannot hold.");
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, _typeInfo);
        }
        catch (JsonException fault)
        {
            throw new SerializationException($"A {context.Part} of '{context.Topic}' is not the JSON of a {typeof(T).Name}: {fault.Message}", fault);
        }
    }
}
