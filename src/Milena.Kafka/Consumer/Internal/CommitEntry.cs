namespace Milena.Kafka.Consumer.Internal;

/// <summary>An offset to commit.</summary>
/// <param name="Offset">The offset.</param>
/// <param name="State">The partition, if it is assigned.</param>
/// <param name="Move">Its <see cref="PartitionState.Move"/> when the commit was asked for.</param>
internal readonly record struct CommitEntry(PartitionOffset Offset, PartitionState? State, int Move);
