using System.Buffers;
using System.Text;

namespace Milena.Kafka.Serialization.Internal;

/// <summary>UTF-8.</summary>
internal sealed class StringSerde : ISerde<string?>
{
    public void Serialize(string? value, IBufferWriter<byte> output, SerializationContext context) =>
        Encoding.UTF8.GetBytes(value ?? throw new ArgumentNullException(nameof(value)), output);

    public string? Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context) => isNull ? null : Encoding.UTF8.GetString(bytes);
}
