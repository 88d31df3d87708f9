using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A value of a setting that counts where no stronger one is set.</summary>
/// <param name="Name">The name by which it is set there, such as <c>log.retention.ms</c> for a topic's <c>retention.ms</c>.</param>
/// <param name="Value">The value; null if it is secret, or there is none.</param>
/// <param name="Source">Where it is set.</param>
public sealed record ConfigSynonym(string Name, string? Value, ConfigSource Source);
