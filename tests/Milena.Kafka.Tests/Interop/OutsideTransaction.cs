namespace Milena.Kafka.Tests.Interop;

/// <summary>A transaction for a producer that nobody here wrote.</summary>
internal sealed record OutsideTransaction(bool Commit, long Offset, IReadOnlyList<(int Partition, string Value)> Values);
