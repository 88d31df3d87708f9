namespace Milena.Kafka.Serialization.Internal;

/// <summary>One byte, 0 or 1.</summary>
internal sealed class BooleanSerde : FixedSizeSerde<bool>
{
    public BooleanSerde() : base(sizeof(bool))
    {
    }

    protected override void Write(Span<byte> destination, bool value) => destination[0] = value ? (byte)1 : (byte)0;

    protected override bool Read(ReadOnlySpan<byte> bytes) => bytes[0] != 0;
}
