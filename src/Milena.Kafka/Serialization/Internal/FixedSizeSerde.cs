using System.Buffers;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>Value types that always take the same number of bytes. Null is refused: <see cref="Nullable{T}"/> is for that.</summary>
internal abstract class FixedSizeSerde<T> : ISerde<T>
    where T : struct
{
    private readonly int _size;

    protected FixedSizeSerde(int size) => _size = size;

    public void Serialize(T value, IBufferWriter<byte> output, SerializationContext context)
    {
        Write(output.GetSpan(_size), value);
        output.Advance(_size);
    }

    public T Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context)
    {
        if (isNull)
        {
            throw new SerializationException($"A {context.Part} of '{context.Topic}' is null, which {typeof(T).Name} cannot hold. Read it as {typeof(T).Name}?.");
        }

        return bytes.Length == _size
            ? Read(bytes)
            : throw new SerializationException($"A {context.Part} of '{context.Topic}' has {bytes.Length} bytes; a {typeof(T).Name} has {_size}.");
    }

    protected abstract void Write(Span<byte> destination, T value);

    protected abstract T Read(ReadOnlySpan<byte> bytes);
}
