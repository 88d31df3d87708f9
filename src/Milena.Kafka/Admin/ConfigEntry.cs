using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>One setting of a <see cref="ConfigResource"/>.</summary>
/// <param name="Name">Kafka's name of it, such as <c>retention.ms</c>.</param>
/// <param name="Value">The value that counts; null if it is secret, or there is none.</param>
/// <param name="Source">Where that value comes from.</param>
public sealed record ConfigEntry(string Name, string? Value, ConfigSource Source)
{
    /// <summary>Whether nobody has set it.</summary>
    public bool IsDefault => Source == ConfigSource.Default;

    /// <summary>Whether it is secret, so that the broker does not tell it.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>Whether only a restart with another properties file changes it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>What values it takes; <see cref="ConfigType.Unknown"/> from brokers before 2.6.</summary>
    public ConfigType Type { get; init; }

    /// <summary>What the broker says of its meaning; null if it was not asked for.</summary>
    public string? Documentation { get; init; }

    /// <summary>All values that would count, the strongest first; empty if they were not asked for.</summary>
    public IReadOnlyList<ConfigSynonym> Synonyms { get; init; } = [];
}
