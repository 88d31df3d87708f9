using System.Buffers.Binary;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>4 bytes, IEEE 754, big-endian.</summary>
internal sealed class SingleSerde : FixedSizeSerde<float>
{
    public SingleSerde() : base(sizeof(float))
    {
    }

    protected override void Write(Span<byte> destination, float value) => BinaryPrimitives.WriteSingleBigEndian(destination, value);

    protected override float Read(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadSingleBigEndian(bytes);
}
