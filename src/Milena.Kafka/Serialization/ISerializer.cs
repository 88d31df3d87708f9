using System.Buffers;

namespace Milena.Kafka;

/// <summary>Turns keys or values into bytes. One instance serves all threads at once.</summary>
/// <typeparam name="T">The type of the keys or values.</typeparam>
public interface ISerializer<in T>
{
    /// <summary>Writes a value. Null never comes here: it is stored as a null key, or a tombstone.</summary>
    /// <param name="value">The key or value.</param>
    /// <param name="output">Where the bytes go.</param>
    /// <param name="context">What the bytes will be part of.</param>
    void Serialize(T value, IBufferWriter<byte> output, SerializationContext context);
}
