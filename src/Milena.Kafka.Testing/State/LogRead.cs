namespace Milena.Kafka.Testing.State;

/// <summary>A stretch of a log.</summary>
/// <param name="Records">Whole batches and perhaps the first part of one more.</param>
/// <param name="FirstBatchSize">The size of the first batch; 0 if there is none.</param>
/// <param name="EndOffset">The offset after all that the bytes touch.</param>
internal readonly record struct LogRead(ReadOnlyMemory<byte> Records, int FirstBatchSize, long EndOffset);
