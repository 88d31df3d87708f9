namespace Milena.Kafka.Cli.Settings;

/// <summary>Texts of the form NAME=VALUE.</summary>
internal static class NameValue
{
    /// <exception cref="ArgumentException">There is no name or no '='.</exception>
    public static (string Name, string Value) Parse(string text, string option)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (text[..equals].Trim(), text[(equals + 1)..])
            : throw new ArgumentException($"'{text}' behind {option} is not of the form NAME=VALUE.");
    }
}
