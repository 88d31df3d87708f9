namespace Milena.Kafka.Testing.Groups;

/// <summary>Where a classic group stands. The names are those that admin clients are told.</summary>
internal enum GroupState
{
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    Dead,
}
