namespace Milena.Kafka;

/// <summary>In which log directory a replica lies, and to which it is on its way.</summary>
/// <param name="Current">The directory; null if the broker has no such replica.</param>
/// <param name="CurrentOffsetLag">How many offsets it is behind the high watermark; -1 without one.</param>
/// <param name="Future">The directory that it is moved to; null if it is not moved.</param>
/// <param name="FutureOffsetLag">How many offsets the copy there is behind; -1 without one.</param>
public sealed record ReplicaLogDirs(string? Current, long CurrentOffsetLag, string? Future, long FutureOffsetLag);
