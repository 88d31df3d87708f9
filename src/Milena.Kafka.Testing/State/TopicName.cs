namespace Milena.Kafka.Testing.State;

/// <summary>Which names a topic may have.</summary>
internal static class TopicName
{
    private const int MaxLength = 249;

    /// <summary>What is wrong with a name; null if nothing is.</summary>
    public static string? Fault(string name)
    {
        if (name.Length == 0)
        {
            return "Topic name is illegal, it can't be empty";
        }

        if (name is "." or "..")
        {
            return "Topic name cannot be \".\" or \"..\"";
        }

        if (name.Length > MaxLength)
        {
            return $"Topic name is illegal, it can't be longer than {MaxLength} characters, topic name: {name}";
        }

        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? null
            : $"Topic name \"{name}\" is illegal, it contains a character other than ASCII alphanumerics, '.', '_' and '-'";
    }
}
