namespace Milena.Kafka;

/// <summary>How far a task has come.</summary>
/// <param name="Task">The task.</param>
/// <param name="Offset">The sum of its offsets.</param>
public readonly record struct StreamsTaskOffset(StreamsTask Task, long Offset);
