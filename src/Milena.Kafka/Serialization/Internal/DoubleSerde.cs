using System.Buffers.Binary;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>8 bytes, IEEE 754, big-endian.</summary>
internal sealed class DoubleSerde : FixedSizeSerde<double>
{
    public DoubleSerde() : base(sizeof(double))
    {
    }

    protected override void Write(Span<byte> destination, double value) => BinaryPrimitives.WriteDoubleBigEndian(destination, value);

    protected override double Read(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadDoubleBigEndian(bytes);
}
