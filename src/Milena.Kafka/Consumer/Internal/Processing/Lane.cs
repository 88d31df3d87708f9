namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>Records that must not overtake one another.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="KeyHash">The hash of their key; 0 if the whole partition is one lane.</param>
internal readonly record struct Lane(PartitionState Partition, int KeyHash);
