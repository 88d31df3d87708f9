using System.Buffers.Binary;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>2 bytes, big-endian.</summary>
internal sealed class Int16Serde : FixedSizeSerde<short>
{
    public Int16Serde() : base(sizeof(short))
    {
    }

    protected override void Write(Span<byte> destination, short value) => BinaryPrimitives.WriteInt16BigEndian(destination, value);

    protected override short Read(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt16BigEndian(bytes);
}
