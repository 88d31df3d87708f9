using System.Buffers;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>The bytes as they are, or null.</summary>
internal sealed class NullableMemorySerde : ISerde<ReadOnlyMemory<byte>?>, IBytesSource<ReadOnlyMemory<byte>?>
{
    public ReadOnlySpan<byte> BytesOf(ReadOnlyMemory<byte>? value) => value.GetValueOrDefault().Span;

    public void Serialize(ReadOnlyMemory<byte>? value, IBufferWriter<byte> output, SerializationContext context) =>
        output.Write((value ?? throw new ArgumentNullException(nameof(value))).Span);

    public ReadOnlyMemory<byte>? Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context) =>
        isNull ? default(ReadOnlyMemory<byte>?) : bytes.ToArray();
}
