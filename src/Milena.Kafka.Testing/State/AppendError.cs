using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.State;

/// <summary>Why a batch was not stored, and which of its records is to blame, if one is.</summary>
internal sealed record AppendError(ErrorCode Code, string Message, int? RecordIndex = null);
