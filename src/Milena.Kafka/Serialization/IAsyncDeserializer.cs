namespace Milena.Kafka;

/// <summary>A deserializer that may have to wait, such as for a schema that is fetched first. A consumer takes it wherever it takes an <see cref="IDeserializer{T}"/>.</summary>
/// <typeparam name="T">The type of the keys or values.</typeparam>
/// <remarks>
/// In the common case the task should be complete when it is returned; a record then costs nothing more than with a deserializer that cannot wait. While one waits, the loop does: no record
/// overtakes another. Batches whose deserializers may wait are decoded before they are handed out.
/// </remarks>
public interface IAsyncDeserializer<T> : IDeserializer<T>
{
    /// <summary>Reads a value.</summary>
    /// <param name="bytes">The stored bytes, valid until the task has ended; empty if there are none.</param>
    /// <param name="isNull">Whether the key is null, or the value a tombstone.</param>
    /// <param name="context">What the bytes are part of.</param>
    /// <param name="cancellationToken">Set off when the reading ends.</param>
    /// <exception cref="SerializationException">The bytes are not of this type.</exception>
    ValueTask<T> DeserializeAsync(ReadOnlyMemory<byte> bytes, bool isNull, SerializationContext context, CancellationToken cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Unless it is implemented: whoever calls this cannot wait.</exception>
    T IDeserializer<T>.Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context) =>
        throw new NotSupportedException($"{GetType().Name} may have to wait: call DeserializeAsync.");
}
