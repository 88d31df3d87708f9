namespace Milena.Kafka.Consumer.Internal;

/// <summary>What a fetch request says of a partition.</summary>
/// <param name="Offset">The offset to read from.</param>
/// <param name="LeaderEpoch">The leader epoch that metadata told, which the broker checks; -1 for none.</param>
/// <param name="LastFetchedEpoch">The epoch of the record before the offset, by which the broker finds out that the log was truncated (KIP-320, KIP-595); -1 for none.</param>
/// <param name="MaxBytes">The most bytes wanted.</param>
internal readonly record struct FetchPosition(long Offset, int LeaderEpoch, int LastFetchedEpoch, int MaxBytes);
