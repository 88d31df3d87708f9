using System.Buffers;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>Nothing in, nothing out.</summary>
internal sealed class IgnoreSerde : ISerde<Ignore?>
{
    public void Serialize(Ignore? value, IBufferWriter<byte> output, SerializationContext context)
    {
        // The producer stores null for every Ignore and never asks.
    }

    public Ignore? Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context) => null;
}
