namespace Milena.Kafka.Cluster.Internal;

/// <summary>What a leader, or the coordinator of a group, said of an offset.</summary>
/// <param name="Offset">The offset; -1 if there is none.</param>
/// <param name="Timestamp">The time of the record there; -1 if none was asked for.</param>
/// <param name="LeaderEpoch">The epoch of the record there, or before it if it was committed; -1 if it is not known.</param>
/// <param name="IsCommitted">Whether the group has stored it.</param>
internal readonly record struct FoundOffset(long Offset, long Timestamp, int LeaderEpoch, bool IsCommitted = false);
