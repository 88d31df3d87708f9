using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>
/// The consumer's one reader: takes fetched records, opens their batches one by one and keeps the position. Record streams and batch streams
/// are views on it. Not thread-safe; its user is the one enumeration that is active.
/// </summary>
internal sealed class RecordSource
{
    private readonly FetchEngine _engine;
    private readonly RecordReadOptions _options;
    private readonly bool _readsCommitted;
    private readonly EndOffsets? _ends;
    private FetchedRecords? _fetched;
    private BatchReader? _reader;

    public RecordSource(FetchEngine engine, ConsumerOptions options, EndOffsets? ends)
    {
        _engine = engine;
        _ends = ends;
        _options = new RecordReadOptions { CheckCrc = options.CheckCrcs, Codecs = engine.Options.Codecs };
        _readsCommitted = options.IsolationLevel == IsolationLevel.ReadCommitted;
    }

    /// <summary>The open batch; null before the first, and after the last.</summary>
    public BatchRecords? Batch { get; private set; }

    /// <summary>What the open batch was fetched with.</summary>
    public FetchedRecords Fetched => _fetched ?? throw new InvalidOperationException("There is no open batch.");

    /// <summary>The partition of the open batch.</summary>
    public TopicPartition Partition => Fetched.State.Partition;

    /// <summary>The high watermark when the open batch was fetched.</summary>
    public long HighWatermark => Fetched.HighWatermark;

    /// <summary>The first offset of the open batch that is to be handed out.</summary>
    public long FirstOffset { get; private set; }

    /// <summary>Whether the position was moved since the open batch was fetched.</summary>
    public bool IsStale => Fetched.IsStale;

    /// <summary>The next offset to hand out.</summary>
    public long NextOffset
    {
        get => Fetched.NextOffset;
        set => Fetched.NextOffset = value;
    }

    /// <summary>The user has come back for more: what was handed out is finished.</summary>
    public void MarkFinished() => _fetched?.MarkFinished();

    /// <summary>Closes the open batch and opens the next one; waits until there is one.</summary>
    /// <returns>False if the end that was asked for is reached.</returns>
    public ValueTask<bool> NextBatchAsync(CancellationToken cancellationToken)
    {
        CloseBatch();
        return TryOpenNext() ? new(true) : WaitForBatchAsync(cancellationToken);
    }

    /// <summary>The open batch cannot be read on: what to throw. Its records are fetched anew when reading goes on.</summary>
    public CorruptRecordException Corrupt(ProtocolException fault)
    {
        FetchedRecords fetched = Fetched;
        long next = Math.Max(_reader!.OffsetAfterBatch, fetched.NextOffset + 1);
        CloseBatch();
        Leave();
        _engine.State.Discard(fetched);
        return new CorruptRecordException(fetched.State.Partition, fetched.NextOffset, next, fault.Message, fault);
    }

    /// <summary>Ends the reading. The position stays where it is, and what was not handed out is kept.</summary>
    public void Close()
    {
        CloseBatch();
        if (_fetched is { } fetched)
        {
            Leave();
            _engine.State.PutBack(fetched);
        }
    }

    private bool TryOpenNext()
    {
        while (_fetched is { } fetched && !_engine.Closing.IsCancellationRequested)
        {
            if (fetched.IsStale)
            {
                Finish(fetched);
                return false;
            }

            try
            {
                Batch = _reader!.OpenNext();
            }
            catch (ProtocolException fault)
            {
                fetched.NextOffset = Math.Max(fetched.NextOffset, _reader!.NextOffset);
                throw Corrupt(fault);
            }

            fetched.NextOffset = _reader.NextOffset;
            FirstOffset = _reader.NextOffset;
            if (_ends?.IsReached(_engine.State, fetched.State.Partition) == true)
            {
                CloseBatch();
                return false;
            }

            if (Batch is not null)
            {
                RecordBatch batch = Batch.Batch;
                fetched.Epoch = batch.LeaderEpoch;
                fetched.State.LastTimestamp = batch.MaxTimestamp;
                if (batch.BaseOffset >= fetched.CountedUpTo)
                {
                    fetched.CountedUpTo = batch.NextOffset;
                    _engine.Metrics.Consumed(fetched.State.Partition.Topic, batch.RecordCount, batch.Bytes.Length);
                }

                return true;
            }

            Finish(fetched);
        }

        return false;
    }

    private async ValueTask<bool> WaitForBatchAsync(CancellationToken cancellationToken)
    {
        using ReaderWait waiting = _engine.State.WaitForRecords();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _engine.State.ThrowIfFailed();
            if (_ends?.AreReached(_engine.State) == true)
            {
                return false;
            }

            if (_engine.State.TryTake(out FetchedRecords? fetched))
            {
                _fetched = fetched;
                AbortedTransactions? aborted = _readsCommitted && fetched.Aborted is { Count: > 0 } list ? new AbortedTransactions(list) : null;
                _reader = new BatchReader(fetched.Records, fetched.NextOffset, aborted, _options);
                if (TryOpenNext())
                {
                    return true;
                }
            }
            else
            {
                await _engine.State.Arrived.WaitAsync(Timeout.InfiniteTimeSpan, _engine.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Finish(FetchedRecords fetched)
    {
        Leave();
        _engine.State.Finish(fetched);
        _engine.Wake(fetched.State);
    }

    private void Leave()
    {
        _fetched = null;
        _reader = null;
    }

    private void CloseBatch()
    {
        Batch?.Dispose();
        Batch = null;
    }
}
