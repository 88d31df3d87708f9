namespace Milena.Kafka;

/// <summary>An offset that was found.</summary>
/// <param name="Offset">The offset; null if there is none, as for a time after the last record.</param>
/// <param name="Timestamp">The time of the record there; null if none was asked for.</param>
/// <param name="LeaderEpoch">The epoch of the leader that stored it; null where the broker does not tell.</param>
public sealed record ListedOffset(long? Offset, DateTimeOffset? Timestamp, int? LeaderEpoch);
