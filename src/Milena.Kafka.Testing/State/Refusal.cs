using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.State;

/// <summary>Why the cluster does not do what it is asked for.</summary>
internal sealed record Refusal(ErrorCode Code, string? Message);
