namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Where the log of a partition begins and ends.</summary>
/// <param name="Start">The first offset.</param>
/// <param name="End">The offset behind the last record.</param>
internal readonly record struct LogRange(long Start, long End);
