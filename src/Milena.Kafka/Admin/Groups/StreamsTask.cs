namespace Milena.Kafka;

/// <summary>A task of a Streams group: a part of the topology on one partition.</summary>
/// <param name="SubtopologyId">The part.</param>
/// <param name="Partition">The partition of its source topics.</param>
public readonly record struct StreamsTask(string SubtopologyId, int Partition);
