namespace Milena.Kafka.LoadTest.Clients;

/// <summary>The length of arrays.</summary>
internal sealed class ArrayLength : ILength<byte[]>
{
    public static int Of(byte[] value) => value.Length;
}
