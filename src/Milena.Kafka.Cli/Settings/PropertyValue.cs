using System.Globalization;
using System.Xml;

namespace Milena.Kafka.Cli.Settings;

/// <summary>The value of a property, read as what its name asks for.</summary>
internal readonly record struct PropertyValue(string Name, string Text)
{
    public int Int() => int.TryParse(Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : throw Fault("a whole number");

    public long Long() => long.TryParse(Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : throw Fault("a whole number");

    public bool Bool() => bool.TryParse(Text.Trim(), out bool flag) ? flag : throw Fault("true or false");

    public TimeSpan Milliseconds() => TimeSpan.FromMilliseconds(Long());

    /// <summary>One of the named values.</summary>
    public T OneOf<T>(params ReadOnlySpan<(string Name, T Value)> choices)
    {
        foreach ((string name, T value) in choices)
        {
            if (name.Equals(Text.Trim(), StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        throw Fault(string.Join(", ", choices.ToArray().Select(c => c.Name)));
    }

    /// <summary>Where to start without an offset that is in the log: earliest, latest, by_duration with a duration in Java's form (KIP-1106), or nowhere.</summary>
    public StartPosition? Reset()
    {
        const string prefix = "by_duration:";
        string text = Text.Trim();
        switch (text.ToLowerInvariant())
        {
            case "earliest":
                return StartPosition.Beginning;
            case "latest":
                return StartPosition.End;
            case "none":
                return null;
            case var _ when text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && IsDuration(text[prefix.Length..], out TimeSpan duration):
                return StartPosition.Ago(duration);
            default:
                throw Fault("earliest, latest, none or by_duration:PnDTnHnMn.nS, such as by_duration:P1DT12H");
        }
    }

    private static bool IsDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        try
        {
            // Years and months, whose length is not known, are no part of Java's form.
            duration = XmlConvert.ToTimeSpan(text.ToUpperInvariant());
            return duration >= TimeSpan.Zero && text.Split('T', 't')[0].IndexOfAny(['Y', 'y', 'M', 'm']) < 0;
        }
        catch (Exception fault) when (fault is FormatException or OverflowException)
        {
            return false;
        }
    }

    public ArgumentException Fault(string wanted) => new($"'{Text}' is no value of {Name}; it takes {wanted}.");
}
