namespace Milena.Kafka.Consumer.Internal;

/// <summary>Where one assigned partition stands. Guarded by the lock of its <see cref="FetchState"/>; only the generation is read without it.</summary>
internal sealed class PartitionState
{
    private int _generation;
    private int _countedSince;

    public PartitionState(TopicPartition partition, StartPosition start)
    {
        Partition = partition;
        Restart(start);
    }

    public TopicPartition Partition { get; }

    /// <summary>Counts the moves of the position. What was fetched or looked up for an older generation is dropped.</summary>
    public int Generation => Volatile.Read(ref _generation);

    public PartitionPhase Phase { get; set; }

    /// <summary>What the position is to be looked up from, while it is not <see cref="PartitionPhase.Fetching"/>.</summary>
    public StartPosition Start { get; private set; }

    /// <summary>The next offset to hand out; -1 while it is not known.</summary>
    public long Position { get; set; } = -1;

    /// <summary>The next offset to fetch; ahead of the position by what is buffered.</summary>
    public long FetchOffset { get; set; } = -1;

    /// <summary>The epoch of the last record that was fetched; -1 while none was.</summary>
    public int LastFetchedEpoch { get; set; } = -1;

    /// <summary>The broker to fetch from; -1 while it is not known.</summary>
    public int BrokerId { get; set; } = -1;

    public int LeaderEpoch { get; set; } = -1;

    public Guid TopicId { get; set; }

    /// <summary>A follower that the leader told us to read from (KIP-392), until a time.</summary>
    public (int BrokerId, TimeSpan Until)? ReadReplica { get; set; }

    /// <summary>Metadata was wrong about this partition; it waits for newer.</summary>
    public bool AwaitsMetadata { get; set; }

    /// <summary>Since when the cluster says that the topic does not exist.</summary>
    public TimeSpan? UnknownSince { get; set; }

    /// <summary>Fetches that failed in a row.</summary>
    public int Failures { get; set; }

    /// <summary>Not before this time is it fetched again.</summary>
    public TimeSpan RetryAt { get; set; }

    /// <summary>Bytes that were fetched and not yet handed out.</summary>
    public long BufferedBytes { get; set; }

    /// <summary>When it last got records, by a counter; those that waited longest go first.</summary>
    public long LastServed { get; set; }

    /// <summary>The broker said that the fetch offset is not in the log; dealt with once the buffer is empty.</summary>
    public bool IsOutOfRange { get; set; }

    /// <summary>The offset up to which the user has finished; -1 while nothing is known.</summary>
    public long Finished { get; set; } = -1;

    /// <summary>The leader epoch of the last finished record; -1 if it is not known.</summary>
    public int FinishedEpoch { get; set; } = -1;

    /// <summary>What the group has stored, as far as this consumer knows; -1 for nothing since the last move.</summary>
    public long LastCommitted { get; set; } = -1;

    /// <summary>The high watermark of the last answer; -1 while there was none.</summary>
    public long HighWatermark { get; set; } = -1;

    /// <summary>The user does not want records of it for now.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Its handlers are behind: what is ready is not handed out for now.</summary>
    public bool IsHeldBack { get; set; }

    /// <summary>Its next record is not due yet.</summary>
    public bool IsDelayed { get; set; }

    /// <summary>What the last fetch of it brought; null while there was none.</summary>
    public FetchOutcome? LastFetch { get; set; }

    /// <summary>The latest time of a record in the batch that was opened last, in milliseconds since 1970; -1 if it is not known.</summary>
    public long LastTimestamp { get; set; } = -1;

    /// <summary>It is new, and the rebalance listener has not seen it yet.</summary>
    public bool IsHeld { get; set; }

    /// <summary>It goes to another member; nothing more is handed out.</summary>
    public bool IsRevoking { get; set; }

    /// <summary>Whether nothing is to be fetched, whatever else is known.</summary>
    public bool IsDormant => IsPaused || IsDelayed || IsHeld || IsRevoking || Phase == PartitionPhase.Halted;

    /// <summary>Counts the moves to another place; unlike the generation it stays when reading is only interrupted.</summary>
    public int Move => _countedSince;

    /// <summary>Whether what was handed out of a generation counts as progress.</summary>
    public bool Counts(int generation) => generation >= _countedSince;

    /// <summary>Drops what is buffered without moving: no more records are handed out, but those that were still count as progress.</summary>
    /// <param name="position">The next offset to hand out; -1 if it is not known.</param>
    public void Interrupt(long position)
    {
        Volatile.Write(ref _generation, _generation + 1);
        BufferedBytes = 0;
        LastFetchedEpoch = -1;
        IsOutOfRange = false;
        if (Phase == PartitionPhase.Placing || position < 0)
        {
            Phase = PartitionPhase.Unplaced;
            return;
        }

        Position = position;
        FetchOffset = position;
    }

    /// <summary>Moves to another place. What is under way for the old one is void.</summary>
    public void Restart(StartPosition start)
    {
        Volatile.Write(ref _generation, _generation + 1);
        _countedSince = _generation;
        Finished = -1;
        FinishedEpoch = -1;
        LastCommitted = -1;
        Start = start;
        BufferedBytes = 0;
        LastFetchedEpoch = -1;
        Failures = 0;
        RetryAt = TimeSpan.Zero;
        IsOutOfRange = false;
        IsHeldBack = false;
        IsDelayed = false;
        Phase = PartitionPhase.Unplaced;
        Position = start.Kind == StartKind.Offset ? start.Value : -1;
        FetchOffset = Position;
    }

    /// <summary>Goes on at an offset that is known.</summary>
    public void Place(long offset)
    {
        Position = offset;
        FetchOffset = offset;
        Finished = offset;
        Phase = PartitionPhase.Fetching;
    }
}
