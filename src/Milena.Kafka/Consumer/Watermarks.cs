namespace Milena.Kafka;

/// <summary>The ends of a partition at one moment.</summary>
/// <param name="Low">The offset of the oldest record.</param>
/// <param name="High">The offset that the next record will get; with <c>ReadCommitted</c> the offset up to which transactions are finished.</param>
public readonly record struct Watermarks(long Low, long High);
