using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Configs;

/// <summary>The value of a setting that counts, with all others behind it.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Definition">What is known of it; null of a setting that the brokers do not know.</param>
/// <param name="Layers">All values, the strongest first.</param>
internal sealed record ConfigValue(string Name, ConfigDefinition? Definition, IReadOnlyList<ConfigLayer> Layers)
{
    // Who knows what a setting means that Kafka does not know: it may be a secret.
    public bool IsSensitive => Definition?.IsSensitive ?? true;

    public string? Value => IsSensitive ? null : Layers is [ConfigLayer first, ..] ? first.Value : Definition?.Default;

    public ConfigSource Source => Layers is [ConfigLayer first, ..] ? first.Source : ConfigSource.Default;
}
