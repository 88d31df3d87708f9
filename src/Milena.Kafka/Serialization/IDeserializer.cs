namespace Milena.Kafka;

/// <summary>Turns bytes into keys or values. One instance serves all threads at once.</summary>
/// <typeparam name="T">The type of the keys or values.</typeparam>
public interface IDeserializer<out T>
{
    /// <summary>Reads a value.</summary>
    /// <param name="bytes">The stored bytes, valid during the call only; empty if there are none.</param>
    /// <param name="isNull">Whether the key is null, or the value a tombstone.</param>
    /// <param name="context">What the bytes are part of.</param>
    /// <exception cref="SerializationException">The bytes are not of this type.</exception>
    T Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context);
}
