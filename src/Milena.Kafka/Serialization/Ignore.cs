namespace Milena.Kafka;

/// <summary>Stands for a key or value that is not looked at: always null when produced, skipped when consumed.</summary>
public sealed class Ignore
{
    private Ignore()
    {
    }

    /// <summary>The only value, and it holds nothing.</summary>
    public static Ignore Value { get; } = new();
}
