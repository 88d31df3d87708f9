namespace Milena.Kafka.Consumer.Internal;

/// <summary>
/// What the one reader has taken and the user has not finished: the records in hand, and those that handlers have of it. Decides only; guarded by the lock of the
/// <see cref="FetchState"/>.
/// </summary>
internal sealed class ReaderHand
{
    private FetchedRecords? _held;
    private long _handedOver;

    /// <summary>Records that are processed in parallel, behind the reader's back; null while the reader is the user himself.</summary>
    public IWorkInProgress? Work { get; set; }

    /// <summary>A number that changes whenever the user comes for more.</summary>
    public long Progress => _handedOver + (_held?.Finished ?? 0);

    /// <summary>The reader has come for more.</summary>
    public void CountWait() => _handedOver++;

    public void Take(FetchedRecords records)
    {
        _held = records;
        _handedOver++;
        records.MarkFinished();
    }

    /// <summary>The records in hand were handed out to their end, or are stale.</summary>
    public void Finish(FetchedRecords records)
    {
        Leave(records);
        if (!records.IsStale)
        {
            records.State.Position = records.NextOffset;
            records.State.BufferedBytes -= records.Records.Length;
        }

        Note(records, records.NextOffset);
    }

    /// <summary>The records in hand are handed out from where they are when reading goes on.</summary>
    public void PutBack(FetchedRecords records)
    {
        Leave(records);
        Note(records, records.Finished);
        if (!records.IsStale)
        {
            records.State.Position = records.NextOffset;
        }
    }

    /// <summary>The records in hand cannot be read; they are fetched anew when reading goes on.</summary>
    public void Discard(FetchedRecords records)
    {
        _held = null;
        if (!records.IsStale)
        {
            records.State.Restart(StartPosition.At(records.NextOffset));
        }
    }

    /// <summary>The next offset to hand out; -1 while it is not known.</summary>
    public long PositionOf(PartitionState state) => _held is not null && _held.State == state && !_held.IsStale ? _held.NextOffset : state.Position;

    /// <summary>How many records are behind the position, as of the last answer; null while it is not known.</summary>
    public long? LagOf(PartitionState state)
    {
        long position = PositionOf(state);
        return position >= 0 && state.HighWatermark >= 0 ? Math.Max(0, state.HighWatermark - position) : null;
    }

    /// <summary>Whether the reader or a handler has something of a partition.</summary>
    public bool Holds(PartitionState state) => _held?.State == state || Work?.IsBusyWith(state) == true;

    /// <summary>Whether the user has something of a partition: the handlers if there are any, else the reader.</summary>
    public bool IsUserBusyWith(PartitionState state) => Work?.IsBusyWith(state) ?? _held?.State == state;

    /// <summary>Where the user has finished further than the group knows; null if he has not.</summary>
    public CommitEntry? UncommittedOf(PartitionState state)
    {
        bool isInHand = _held is not null && _held.State == state && state.Counts(_held.Generation);
        long finished = isInHand ? _held!.Finished : state.Finished;
        int epoch = isInHand ? _held!.Epoch : state.FinishedEpoch;

        // The reader's own progress is read first: what it has passed on since is in the work already.
        finished = Work?.Progress(state, finished) ?? finished;
        return finished > state.LastCommitted ? new CommitEntry(new PartitionOffset(state.Partition, finished, epoch), state, state.Move) : null;
    }

    private void Leave(FetchedRecords records)
    {
        _held = null;
        _handedOver += records.Finished + 1;
    }

    private static void Note(FetchedRecords records, long finished)
    {
        PartitionState state = records.State;
        if (!state.Counts(records.Generation))
        {
            return;
        }

        state.Finished = finished;
        state.FinishedEpoch = records.Epoch;
        if (records.IsStale && state.Position < records.NextOffset)
        {
            // The reader handed out one more record while reading was interrupted.
            state.Interrupt(records.NextOffset);
        }
    }
}
