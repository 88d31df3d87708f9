namespace Milena.Kafka.Serialization.Internal;

/// <summary>A serializer whose values are bytes already: they go from the caller's memory into the batch without a copy in between.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
internal interface IBytesSource<in T>
{
    /// <summary>What <see cref="ISerializer{T}.Serialize"/> would write.</summary>
    ReadOnlySpan<byte> BytesOf(T value);
}
