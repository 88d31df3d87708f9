using System.Buffers.Binary;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>4 bytes, big-endian.</summary>
internal sealed class Int32Serde : FixedSizeSerde<int>
{
    public Int32Serde() : base(sizeof(int))
    {
    }

    protected override void Write(Span<byte> destination, int value) => BinaryPrimitives.WriteInt32BigEndian(destination, value);

    protected override int Read(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes);
}
