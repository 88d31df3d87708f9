using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.State;

/// <summary>What a Fetch request comes to: partitions in order, within a session or not, or the error of the session.</summary>
/// <param name="Error">Why the session cannot be used.</param>
/// <param name="Session">The session that the answer belongs to.</param>
/// <param name="IsIncremental">Whether the answer names only partitions with news.</param>
/// <param name="Targets">The partitions.</param>
internal sealed record FetchPlan(ErrorCode Error, FetchSession? Session, bool IsIncremental, IReadOnlyList<FetchTarget> Targets);
