namespace Milena.Kafka;

/// <summary>From where a share group reads a partition.</summary>
/// <param name="StartOffset">The first record that it has not dealt with.</param>
/// <param name="LeaderEpoch">The leader epoch there.</param>
/// <param name="Lag">How many records are left for it; null if that is not known, as from brokers before 4.2.</param>
public sealed record SharePartitionOffset(long StartOffset, int LeaderEpoch, long? Lag);
