namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>What the broker decides for groups of the KIP-848 protocol.</summary>
internal sealed record ConsumerGroupSettings(TimeSpan SessionTimeout, TimeSpan HeartbeatInterval, int MaxSize);
