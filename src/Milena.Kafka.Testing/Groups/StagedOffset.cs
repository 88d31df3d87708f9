namespace Milena.Kafka.Testing.Groups;

/// <summary>A position that becomes one when its transaction is committed.</summary>
/// <param name="Offset">The position.</param>
/// <param name="IsSuperseded">Whether the group has stored a newer one outside of the transaction since.</param>
internal readonly record struct StagedOffset(CommittedOffset Offset, bool IsSuperseded);
