namespace Milena.Kafka;

/// <summary>A replica in a log directory.</summary>
/// <param name="Size">Its bytes.</param>
/// <param name="OffsetLag">How many offsets it is behind: a current replica behind the high watermark, a future one behind the current.</param>
/// <param name="IsFuture">Whether it is on its way here from another directory of the broker, and takes the place of that one when it has caught up.</param>
public sealed record LogDirReplica(long Size, long OffsetLag, bool IsFuture);
