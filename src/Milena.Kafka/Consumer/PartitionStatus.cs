namespace Milena.Kafka;

/// <summary>How an assigned partition stands at a moment.</summary>
public sealed record PartitionStatus
{
    /// <summary>The partition.</summary>
    public required TopicPartition Partition { get; init; }

    /// <summary>The offset of the next record to hand out; null while it is not known.</summary>
    public long? Position { get; init; }

    /// <summary>What the group has stored, as far as this consumer knows; null for nothing.</summary>
    public long? Committed { get; init; }

    /// <summary>The offset that the next stored record gets, as of the last answer with records; null while there was none.</summary>
    public long? HighWatermark { get; init; }

    /// <summary>Records from the position to the high watermark; null while either is not known. Too high if offsets have gaps.</summary>
    public long? Lag { get; init; }

    /// <summary>How old the records are that were handed out last; zero if there is no lag, null while it is not known.</summary>
    public TimeSpan? TimeLag { get; init; }

    /// <summary>Bytes that were fetched and not yet handed out.</summary>
    public long BufferedBytes { get; init; }

    /// <summary>The leader; null while it is not known.</summary>
    public int? Leader { get; init; }

    /// <summary>What the last fetch brought; null while there was none.</summary>
    public FetchOutcome? LastFetch { get; init; }

    /// <summary>Who has paused it.</summary>
    public PauseReasons PausedBy { get; init; }

    /// <summary>What it waits for.</summary>
    public PartitionWait WaitingFor { get; init; }
}
