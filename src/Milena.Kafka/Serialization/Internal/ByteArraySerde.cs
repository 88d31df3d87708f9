using System.Buffers;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>The bytes as they are.</summary>
internal sealed class ByteArraySerde : ISerde<byte[]?>, IBytesSource<byte[]?>
{
    public ReadOnlySpan<byte> BytesOf(byte[]? value) => value;

    public void Serialize(byte[]? value, IBufferWriter<byte> output, SerializationContext context) => output.Write(value);

    public byte[]? Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context) => isNull ? null : bytes.ToArray();
}
