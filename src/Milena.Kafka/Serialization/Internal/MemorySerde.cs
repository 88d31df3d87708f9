using System.Buffers;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>The bytes as they are; what is read is a copy, since records live no longer than the buffer they came in.</summary>
internal sealed class MemorySerde : ISerde<ReadOnlyMemory<byte>>, IBytesSource<ReadOnlyMemory<byte>>
{
    public ReadOnlySpan<byte> BytesOf(ReadOnlyMemory<byte> value) => value.Span;

    public void Serialize(ReadOnlyMemory<byte> value, IBufferWriter<byte> output, SerializationContext context) => output.Write(value.Span);

    public ReadOnlyMemory<byte> Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context) => bytes.ToArray();
}
