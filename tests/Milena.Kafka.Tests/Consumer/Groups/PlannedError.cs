using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What a simulated coordinator answers to the first request that is meant.</summary>
/// <param name="Hits">Whether a request is meant.</param>
/// <param name="Code">The answer.</param>
/// <param name="IsHandled">Whether what was asked for is done nevertheless.</param>
internal sealed record PlannedError(Func<object, bool> Hits, ErrorCode Code, bool IsHandled);
