namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Reads the words that brokers use for states and types of groups.</summary>
internal static class GroupWords
{
    public static GroupState StateOf(string word) => Find(word, GroupState.Unknown);

    public static GroupType TypeOf(string word) => Find(word, GroupType.Unknown);

    private static T Find<T>(string word, T unknown)
        where T : struct, Enum =>
        Array.Find(Enum.GetNames<T>(), name => name.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } known ? Enum.Parse<T>(known) : unknown;
}
