namespace Milena.Kafka.Consumer.Internal;

/// <summary>A position to look up.</summary>
/// <param name="State">The partition.</param>
/// <param name="Generation">Its generation; if it has another by the time of the answer, the answer is void.</param>
/// <param name="Start">What to look up.</param>
internal readonly record struct PlacementOrder(PartitionState State, int Generation, StartPosition Start);
