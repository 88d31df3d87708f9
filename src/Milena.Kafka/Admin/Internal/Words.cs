namespace Milena.Kafka.Admin.Internal;

/// <summary>Reads the words that brokers use for states and types.</summary>
internal static class Words
{
    /// <summary>The value that a word names, whatever its case; the default value for one that is not known.</summary>
    public static T Read<T>(string word)
        where T : struct, Enum =>
        Array.Find(Enum.GetNames<T>(), name => name.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } known ? Enum.Parse<T>(known) : default;
}
