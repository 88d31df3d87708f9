namespace Milena.Kafka.LoadTest.Clients;

/// <summary>Keeps nothing of a value but the length of its span.</summary>
internal sealed class SpanLength : IDeserializer<int>, ILength<int>
{
    public static int Of(int value) => value;

    public int Deserialize(ReadOnlySpan<byte> bytes, bool isNull, SerializationContext context) => bytes.Length;
}
