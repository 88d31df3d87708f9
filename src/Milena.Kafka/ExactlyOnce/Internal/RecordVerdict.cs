namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>What becomes of a record that the handler cannot process.</summary>
/// <param name="Topic">Where it goes; null if it is left out.</param>
/// <param name="Fault">What the handler threw.</param>
internal sealed record RecordVerdict(string? Topic, Exception Fault);
