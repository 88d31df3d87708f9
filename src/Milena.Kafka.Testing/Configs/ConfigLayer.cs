using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Configs;

/// <summary>A value of a setting, where it is set and by which name.</summary>
internal readonly record struct ConfigLayer(string Name, string? Value, ConfigSource Source);
