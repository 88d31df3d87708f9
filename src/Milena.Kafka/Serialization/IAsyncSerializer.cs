using System.Buffers;

namespace Milena.Kafka;

/// <summary>A serializer that may have to wait, such as for a schema that is registered first. A producer takes it wherever it takes an <see cref="ISerializer{T}"/>.</summary>
/// <typeparam name="T">The type of the keys or values.</typeparam>
/// <remarks>
/// In the common case the task should be complete when it is returned; that costs nothing more than a serializer without waiting. While a record waits for its serializer,
/// later records of the same topic stand behind it, so that none overtakes; the wait counts towards <see cref="ProducerOptions.MaxBlock"/>.
/// </remarks>
public interface IAsyncSerializer<in T> : ISerializer<T>
{
    /// <summary>Writes a value. Null never comes here: it is stored as a null key, or a tombstone.</summary>
    /// <param name="value">The key or value.</param>
    /// <param name="output">Where the bytes go. Used by one thread at a time, until the task has ended.</param>
    /// <param name="context">What the bytes will be part of.</param>
    /// <param name="cancellationToken">The caller's token; the record is not sent once it is set off.</param>
    ValueTask SerializeAsync(T value, IBufferWriter<byte> output, SerializationContext context, CancellationToken cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Unless it is implemented: whoever calls this cannot wait.</exception>
    void ISerializer<T>.Serialize(T value, IBufferWriter<byte> output, SerializationContext context) =>
        throw new NotSupportedException($"{GetType().Name} may have to wait: call SerializeAsync.");
}
