namespace Milena.Kafka;

/// <summary>A serializer and deserializer of the same type.</summary>
/// <typeparam name="T">The type of the keys or values.</typeparam>
public interface ISerde<T> : ISerializer<T>, IDeserializer<T>;
