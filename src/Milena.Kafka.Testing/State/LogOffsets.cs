namespace Milena.Kafka.Testing.State;

/// <summary>How far a log may be read: all replicas are one log, so the high watermark is its end.</summary>
internal readonly record struct LogOffsets(long Start, long HighWatermark, long LastStable);
