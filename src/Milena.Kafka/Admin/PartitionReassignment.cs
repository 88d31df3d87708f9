namespace Milena.Kafka;

/// <summary>A move of a partition that is under way.</summary>
/// <param name="Replicas">The brokers that hold it or are to hold it.</param>
/// <param name="AddingReplicas">Those of them that do not have all of it yet.</param>
/// <param name="RemovingReplicas">Those of them that give it up in the end.</param>
public sealed record PartitionReassignment(IReadOnlyList<int> Replicas, IReadOnlyList<int> AddingReplicas, IReadOnlyList<int> RemovingReplicas);
