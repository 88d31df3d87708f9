using System.Buffers.Binary;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>8 bytes, big-endian.</summary>
internal sealed class Int64Serde : FixedSizeSerde<long>
{
    public Int64Serde() : base(sizeof(long))
    {
    }

    protected override void Write(Span<byte> destination, long value) => BinaryPrimitives.WriteInt64BigEndian(destination, value);

    protected override long Read(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64BigEndian(bytes);
}
