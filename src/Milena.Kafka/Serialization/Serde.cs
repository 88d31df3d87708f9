using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Milena.Kafka.Serialization.Internal;

namespace Milena.Kafka;

/// <summary>The serializers that come with the client. Their bytes are those of the Java client's serializers of the same name.</summary>
public static class Serde
{
    /// <summary>UTF-8, as Java's <c>StringSerializer</c>.</summary>
    public static ISerde<string?> String { get; } = new StringSerde();

    /// <summary>The bytes as they are, as Java's <c>ByteArraySerializer</c>.</summary>
    public static ISerde<byte[]?> ByteArray { get; } = new ByteArraySerde();

    /// <summary>The bytes as they are. Null is read as empty memory; use <c>ReadOnlyMemory&lt;byte&gt;?</c> to tell them apart.</summary>
    public static ISerde<ReadOnlyMemory<byte>> Memory { get; } = new MemorySerde();

    /// <summary>4 bytes, big-endian, as Java's <c>IntegerSerializer</c>.</summary>
    public static ISerde<int> Int32 { get; } = new Int32Serde();

    /// <summary>8 bytes, big-endian, as Java's <c>LongSerializer</c>.</summary>
    public static ISerde<long> Int64 { get; } = new Int64Serde();

    /// <summary>2 bytes, big-endian, as Java's <c>ShortSerializer</c>.</summary>
    public static ISerde<short> Int16 { get; } = new Int16Serde();

    /// <summary>4 bytes, IEEE 754, big-endian, as Java's <c>FloatSerializer</c>.</summary>
    public static ISerde<float> Single { get; } = new SingleSerde();

    /// <summary>8 bytes, IEEE 754, big-endian, as Java's <c>DoubleSerializer</c>.</summary>
    public static ISerde<double> Double { get; } = new DoubleSerde();

    /// <summary>The 36 characters of the text form, as Java's <c>UUIDSerializer</c>.</summary>
    public static ISerde<Guid> Guid { get; } = new GuidSerde();

    /// <summary>One byte, 0 or 1, as Java's <c>BooleanSerializer</c>.</summary>
    public static ISerde<bool> Boolean { get; } = new BooleanSerde();

    /// <summary>Always null; what is read is skipped, as Java's <c>VoidSerializer</c>.</summary>
    public static ISerde<Ignore?> Ignore { get; } = new IgnoreSerde();

    /// <summary>JSON by <c>System.Text.Json</c>, for trimmed and native programs too.</summary>
    /// <param name="typeInfo">The type's contract, usually from a source-generated context.</param>
    /// <typeparam name="T">The type of the keys or values.</typeparam>
    public static ISerde<T?> Json<T>(JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return new JsonSerde<T>(typeInfo);
    }

    /// <summary>JSON by <c>System.Text.Json</c> with the resolver of the options.</summary>
    /// <param name="options">Options with a <see cref="JsonSerializerOptions.TypeInfoResolver"/>.</param>
    /// <typeparam name="T">The type of the keys or values.</typeparam>
    /// <exception cref="NotSupportedException">The resolver does not know the type.</exception>
    public static ISerde<T?> Json<T>(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Json((JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
    }

    /// <summary>The serde of a type where none is named: those above for their types and <see cref="Nullable{T}"/> of them, JSON for all others.</summary>
    /// <typeparam name="T">The type of the keys or values.</typeparam>
    /// <exception cref="NotSupportedException">The type needs JSON, and the program was built without reflection for it: name a serializer.</exception>
    public static ISerde<T> Default<T>() => DefaultSerde<T>.Instance;
}
