using System.Xml;

namespace Milena.Kafka.Cli.Settings;

/// <summary>Durations as they are typed: ISO 8601.</summary>
internal static class Duration
{
    /// <returns>Null if none was typed.</returns>
    /// <exception cref="ArgumentException">It is no duration, or a negative one.</exception>
    public static TimeSpan? Parse(string? text, string option)
    {
        try
        {
            return text is null ? null : XmlConvert.ToTimeSpan(text) is var time && time >= TimeSpan.Zero ? time : throw new FormatException();
        }
        catch (Exception fault) when (fault is FormatException or OverflowException)
        {
            throw new ArgumentException($"'{text}' behind {option} is no duration such as PT12H or P1D.", fault);
        }
    }
}
