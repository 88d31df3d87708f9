using System.Globalization;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Configs;

/// <summary>One setting that Kafka knows: its name, its type, its default and what values it takes.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Type">The type.</param>
/// <param name="Default">The value that counts if nobody sets one.</param>
/// <param name="Documentation">Its meaning in a sentence.</param>
/// <param name="Check">What is wrong with a value of the right type; null if nothing is, or anything goes.</param>
/// <param name="BrokerName">The setting of the brokers that counts where a topic or group has none of its own.</param>
internal sealed record ConfigDefinition(
    string Name, ConfigType Type, string? Default, string Documentation, Func<string, string?>? Check = null, string? BrokerName = null)
{
    /// <summary>Whether it changes only with a restart.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether each broker has its own, so that it cannot be set for all of them.</summary>
    public bool IsPerBroker { get; init; }

    public bool IsSensitive => Type == ConfigType.Password;

    /// <summary>What is wrong with a value, in Kafka's words; null if nothing is.</summary>
    public string? Fault(string value)
    {
        (string? offender, string? fault) = Find(value.Trim());
        return fault is null ? null : $"Invalid value {offender} for configuration {Name}: {fault}";
    }

    private (string? Offender, string? Fault) Find(string value)
    {
        bool isOfType = Type switch
        {
            ConfigType.Int => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            ConfigType.Short => short.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            ConfigType.Long => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            ConfigType.Double => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            ConfigType.Boolean => bool.TryParse(value, out _),
            _ => true,
        };
        if (!isOfType)
        {
            return (value, Type == ConfigType.Boolean ? "Expected value to be either true or false" : $"Not a number of type {Type.ToString().ToUpperInvariant()}");
        }

        foreach (string part in Type == ConfigType.List ? value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [value])
        {
            if (Check?.Invoke(part) is { } fault)
            {
                return (part, fault);
            }
        }

        return (null, null);
    }
}
