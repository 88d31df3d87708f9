using System.Buffers;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>A value type that may be null.</summary>
internal sealed class NullableSerde<T> : ISerde<T?>
    where T : struct
{
    private readonly ISerde<T> _inner;

    public NullableSerde(ISerde<T> inner) => _inner = inner;

    public void Serialize(T? value, IBufferWriter<byte> output, SerializationContext context) =>
        _inner.Serialize(value ?? throw new ArgumentNullException(nameof(value)), output, context);

    public T? Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context) =>
        isNull ? null : _inner.Deserialize(bytes, isNull: false, context);
}
