using System.Buffers;
using System.Buffers.Text;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>The 36 characters of the text form, as Java writes a UUID.</summary>
internal sealed class GuidSerde : ISerde<Guid>
{
    private const int Length = 36;

    public void Serialize(Guid value, IBufferWriter<byte> output, SerializationContext context)
    {
        value.TryFormat(output.GetSpan(Length), out int written);
        output.Advance(written);
    }

    public Guid Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context) =>
        !isNull && Utf8Parser.TryParse(bytes, out Guid value, out int consumed) && consumed == bytes.Length
            ? value
            : throw new SerializationException($"A {context.Part} of '{context.Topic}' is {(isNull ? "null" : "not the text of a Guid")}.");
}
