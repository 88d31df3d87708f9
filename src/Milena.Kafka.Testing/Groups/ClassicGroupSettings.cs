namespace Milena.Kafka.Testing.Groups;

/// <summary>What the broker decides for classic groups.</summary>
internal sealed record ClassicGroupSettings(TimeProvider Time, TimeSpan InitialRebalanceDelay, int MaxSize, Func<Guid> NewId);
