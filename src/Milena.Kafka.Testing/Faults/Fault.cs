using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Faults;

/// <summary>One thing that goes wrong on purpose. Guarded by the <see cref="FaultPlan"/>.</summary>
internal sealed class Fault(ApiKey api, FaultScope scope)
{
    public ApiKey Api { get; } = api;

    public FaultScope Scope { get; } = scope;

    public int SkipsLeft { get; set; } = scope.Skip;

    public int HitsLeft { get; set; } = scope.Count;

    public ErrorCode? Error { get; init; }

    public TimeSpan? Delay { get; init; }

    public bool Drops { get; init; }

    public RequestHold? Hold { get; init; }

    /// <summary>Faults of one kind come one after the other; those of different kinds may hit the same request.</summary>
    public int Kind => Error is not null ? 0 : Delay is not null ? 1 : Drops ? 2 : 3;

    public bool IsOver => HitsLeft <= 0 || Hold is { IsReleased: true };
}
