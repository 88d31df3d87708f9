namespace Milena.Kafka.Architecture.Tests;

/// <summary>Tells every fault that a guard found, one per line: NUnit alone would show the first ten.</summary>
internal static class Guard
{
    public static void AssertNone(IEnumerable<string> faults)
    {
        string[] found = [.. faults];
        Assert.That(found, Is.Empty, string.Join('\n', found));
    }
}
