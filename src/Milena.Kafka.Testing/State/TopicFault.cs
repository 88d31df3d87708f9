using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.State;

/// <summary>Why a topic cannot be created.</summary>
internal sealed record TopicFault(ErrorCode Code, string Message);
