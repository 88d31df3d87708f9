namespace Milena.Kafka.LoadTest.Clients;

/// <summary>The length of strings.</summary>
internal sealed class StringLength : ILength<string>
{
    public static int Of(string value) => value.Length;
}
