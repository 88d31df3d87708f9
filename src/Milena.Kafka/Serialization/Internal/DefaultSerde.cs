using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>Chooses the serde of a type once.</summary>
internal static class DefaultSerde<T>
{
    private static readonly ISerde<T>? Found = Choose();

    public static ISerde<T> Instance => Found ?? throw new NotSupportedException(
        $"There is no built-in serializer for {typeof(T)}, and this program was built without reflection for JSON. "
        + "Name a serializer in the options, such as Serde.Json(MyJsonContext.Default.MyType).");

    private static ISerde<T>? Choose()
    {
        object? builtIn = typeof(T) switch
        {
            var t when t == typeof(string) => Serde.String,
            var t when t == typeof(byte[]) => Serde.ByteArray,
            var t when t == typeof(ReadOnlyMemory<byte>) => Serde.Memory,
            var t when t == typeof(ReadOnlyMemory<byte>?) => new NullableMemorySerde(),
            var t when t == typeof(int) => Serde.Int32,
            var t when t == typeof(int?) => new NullableSerde<int>(Serde.Int32),
            var t when t == typeof(long) => Serde.Int64,
            var t when t == typeof(long?) => new NullableSerde<long>(Serde.Int64),
            var t when t == typeof(short) => Serde.Int16,
            var t when t == typeof(short?) => new NullableSerde<short>(Serde.Int16),
            var t when t == typeof(float) => Serde.Single,
            var t when t == typeof(float?) => new NullableSerde<float>(Serde.Single),
            var t when t == typeof(double) => Serde.Double,
            var t when t == typeof(double?) => new NullableSerde<double>(Serde.Double),
            var t when t == typeof(Guid) => Serde.Guid,
            var t when t == typeof(Guid?) => new NullableSerde<Guid>(Serde.Guid),
            var t when t == typeof(bool) => Serde.Boolean,
            var t when t == typeof(bool?) => new NullableSerde<bool>(Serde.Boolean),
            var t when t == typeof(Ignore) => Serde.Ignore,
            _ => null,
        };
        return builtIn is not null ? (ISerde<T>)builtIn : JsonSerializer.IsReflectionEnabledByDefault ? Reflected() : null;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Reached only where the program keeps reflection for JSON.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached only where the program keeps reflection for JSON.")]
    private static ISerde<T>? Reflected() => (ISerde<T>)(object)Serde.Json<T>(JsonSerializerOptions.Default);
}
