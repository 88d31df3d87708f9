using System.Globalization;

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

    public ArgumentException Fault(string wanted) => new($"'{Text}' is no value of {Name}; it takes {wanted}.");
}
