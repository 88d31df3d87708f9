namespace Milena.Kafka.Cli.Settings;

/// <summary>Texts of the form NAME=VALUE.</summary>
internal static class NameValue
{
    /// <param name="text">What was typed.</param>
    /// <param name="option">Behind which option; null for an argument.</param>
    /// <param name="form">What it is to look like.</param>
    /// <exception cref="ArgumentException">There is no name or no '='.</exception>
    public static (string Name, string Value) Parse(string text, string? option, string form = "NAME=VALUE")
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (text[..equals].Trim(), text[(equals + 1)..])
            : throw new ArgumentException($"'{text}'{(option is null ? "" : $" behind {option}")} is not of the form {form}.");
    }

    /// <exception cref="ArgumentException">A name is given twice.</exception>
    public static Dictionary<TName, TValue> Unique<TName, TValue>(IEnumerable<(TName Name, TValue Value)> pairs, string option)
        where TName : notnull
    {
        Dictionary<TName, TValue> unique = [];
        foreach ((TName name, TValue value) in pairs)
        {
            if (!unique.TryAdd(name, value))
            {
                throw new ArgumentException($"{name} is named twice behind {option}.");
            }
        }

        return unique;
    }
}
