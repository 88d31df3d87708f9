namespace Milena.Kafka.Testing.State;

/// <summary>One batch of an idempotent producer, as remembered for the detection of duplicates.</summary>
internal sealed record ProducedBatch(int FirstSequence, int LastSequence, long BaseOffset, long? LogAppendTime);
