using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <summary>
/// One partition: log, producers, leadership and those who wait for news. All replicas are one and the same log, so what is stored is
/// committed at once. Thread-safe; its own lock guards all of it.
/// </summary>
internal sealed partial class PartitionState
{
    private readonly Lock _gate = new();
    private readonly PartitionLog _log = new();
    private readonly LeaderEpochs _epochs = new();
    private readonly ProducerStates _producers = new();
    private readonly List<ChangeSignal> _watchers = [];
    private Leadership _leadership;
    private bool _isDeleted;

    public PartitionState(TopicState topic, int index, Leadership leadership)
    {
        Topic = topic;
        Index = index;
        _leadership = leadership;
        _epochs.Begin(leadership.Epoch, 0);
    }

    public TopicState Topic { get; }

    public int Index { get; }

    public Leadership Leadership
    {
        get
        {
            lock (_gate)
            {
                return _leadership;
            }
        }
    }

    /// <summary>Start, end and the offsets between them that readers may reach, at one moment.</summary>
    public LogOffsets Offsets
    {
        get
        {
            lock (_gate)
            {
                return CurrentOffsets();
            }
        }
    }

    public AppendResult Append(int brokerId, in RecordBatch batch, Acks acks, TimeProvider time)
    {
        lock (_gate)
        {
            if (LeaderError(brokerId, -1) is var error && error != ErrorCode.None)
            {
                return AppendResult.Failed(error, $"Broker {brokerId} does not lead {Topic.Name}-{Index}; the leader is {_leadership.Leader}.");
            }

            if (acks == Acks.All && _leadership.InSync.Count < Topic.Configs.MinInSyncReplicas)
            {
                return AppendResult.Failed(
                    ErrorCode.NotEnoughReplicas,
                    $"{_leadership.InSync.Count} replicas of {Topic.Name}-{Index} are in sync, min.insync.replicas is {Topic.Configs.MinInSyncReplicas}.");
            }

            if (_producers.IsDuplicate(batch, out ProducedBatch? original))
            {
                return new AppendResult(original.BaseOffset, original.LogAppendTime, _log.StartOffset, null);
            }

            if (_producers.Check(batch) is { } sequenceError)
            {
                return AppendResult.Failed(sequenceError);
            }

            long? appendTime = Topic.Configs.UsesLogAppendTime ? time.GetUtcNow().ToUnixTimeMilliseconds() : null;
            TopicConfigs configs = Topic.Configs;
            _log.Roll(batch, appendTime, configs.SegmentBytes, configs.SegmentMs);
            long baseOffset = _log.Append(batch, _leadership.Epoch, appendTime);
            _producers.Add(batch, baseOffset, appendTime);
            if (configs is { IsDeleted: true, RetentionBytes: >= 0 })
            {
                _log.Retain(configs.RetentionBytes);
            }

            SignalWatchers();
            return new AppendResult(baseOffset, appendTime, _log.StartOffset, null);
        }
    }

    public PartitionRead Read(int brokerId, in ReadRequest request)
    {
        lock (_gate)
        {
            ErrorCode error = LeaderError(brokerId, request.CurrentLeaderEpoch);
            if (error == ErrorCode.NotLeaderOrFollower && request.MayFollow && _leadership.InSync.Contains(brokerId))
            {
                error = ErrorCode.None;
            }

            LogOffsets offsets = CurrentOffsets();
            if (error != ErrorCode.None)
            {
                return PartitionRead.Failed(error, offsets);
            }

            if (request.LastFetchedEpoch >= 0)
            {
                (int epoch, long endOffset) = _epochs.EndOf(request.LastFetchedEpoch, _log.EndOffset);
                if (endOffset < 0)
                {
                    return PartitionRead.Failed(ErrorCode.OffsetOutOfRange, offsets);
                }

                // KIP-595: the client has read what this log never had, or has no more.
                if (epoch < request.LastFetchedEpoch || endOffset < request.Offset)
                {
                    return new PartitionRead(ErrorCode.None, offsets, default, 0, (epoch, endOffset));
                }
            }

            if (request.Offset < _log.StartOffset || request.Offset > _log.EndOffset)
            {
                return PartitionRead.Failed(ErrorCode.OffsetOutOfRange, offsets);
            }

            LogRead read = _log.Read(request.Offset, request.OnlyCommitted ? offsets.LastStable : offsets.HighWatermark, request.MaxBytes, request.FirstBatchWhole);
            return new PartitionRead(ErrorCode.None, offsets, read.Records, read.FirstBatchSize, null)
            {
                Aborted = request.OnlyCommitted && read.Records.Length > 0 ? _producers.Transactions.Between(request.Offset, read.EndOffset) : [],
            };
        }
    }

    public ErrorCode CheckLeader(int brokerId, int currentLeaderEpoch)
    {
        lock (_gate)
        {
            return LeaderError(brokerId, currentLeaderEpoch);
        }
    }

    public (int Epoch, long EndOffset) EndOfEpoch(int epoch)
    {
        lock (_gate)
        {
            return _epochs.EndOf(epoch, _log.EndOffset);
        }
    }

    public int EpochAt(long offset)
    {
        lock (_gate)
        {
            return _epochs.At(offset);
        }
    }

    /// <summary>The first batch, from an offset on, whose newest record is not older than a time.</summary>
    public RecordBatch? FindBatch(long fromOffset, long timestamp)
    {
        lock (_gate)
        {
            foreach ((LogSegment segment, BatchEntry batch) in _log.BatchesFrom(Math.Max(fromOffset, _log.StartOffset)))
            {
                if (batch.MaxTimestamp >= timestamp)
                {
                    return Open(segment, batch);
                }
            }

            return null;
        }
    }

    /// <summary>The first batch that holds a record with the highest time of all.</summary>
    public RecordBatch? FindNewestBatch()
    {
        lock (_gate)
        {
            (LogSegment Segment, BatchEntry Batch)? newest = null;
            foreach ((LogSegment Segment, BatchEntry Batch) next in _log.BatchesFrom(_log.StartOffset))
            {
                if (newest is null || next.Batch.MaxTimestamp > newest.Value.Batch.MaxTimestamp)
                {
                    newest = next;
                }
            }

            return newest is { } found ? Open(found.Segment, found.Batch) : null;
        }
    }

    /// <summary>Every batch that is stored, as it is now.</summary>
    public IReadOnlyList<RecordBatch> Batches()
    {
        lock (_gate)
        {
            return [.. _log.BatchesFrom(_log.StartOffset).Select(entry => Open(entry.Segment, entry.Batch))];
        }
    }

    public (ErrorCode Error, long LowWatermark) DeleteBefore(int brokerId, long offset)
    {
        lock (_gate)
        {
            ErrorCode error = LeaderError(brokerId, -1);
            long until = offset == -1 ? _log.EndOffset : offset;
            if (error == ErrorCode.None && (until < 0 || until > _log.EndOffset))
            {
                error = ErrorCode.OffsetOutOfRange;
            }

            if (error != ErrorCode.None)
            {
                return (error, -1);
            }

            _log.DeleteBefore(until);
            SignalWatchers();
            return (ErrorCode.None, _log.StartOffset);
        }
    }

    /// <summary>Gives the partition another leader and counts the epoch up; see <see cref="ClusterState"/> for who decides that.</summary>
    public void Lead(Leadership next)
    {
        lock (_gate)
        {
            int epoch = next.Leader == _leadership.Leader ? _leadership.Epoch : _leadership.Epoch + 1;
            if (next.Leader >= 0 && epoch > _leadership.Epoch)
            {
                _epochs.Begin(epoch, _log.EndOffset);
            }

            _leadership = next with { Epoch = epoch };
            SignalWatchers();
        }
    }

    /// <summary>What an unclean election does: the new leader never had the last records.</summary>
    public void LoseRecords(long endOffset)
    {
        lock (_gate)
        {
            _log.TruncateTo(endOffset);
            _producers.Clear();
            foreach ((LogSegment segment, BatchEntry entry) in _log.BatchesFrom(_log.StartOffset))
            {
                // What the new leader knows of producers is what it reads in its log.
                Replay(Open(segment, entry), entry);
            }

            int epoch = _leadership.Epoch + 1;
            _epochs.Begin(epoch, _log.EndOffset);
            _leadership = _leadership with { Epoch = epoch };
            SignalWatchers();
        }
    }

    /// <summary>Forgets idempotent producers without an open transaction whose newest record is not younger than a time (<c>producer.id.expiration.ms</c>).</summary>
    public void ForgetProducers(DateTimeOffset until)
    {
        lock (_gate)
        {
            _producers.ForgetIdle(until.ToUnixTimeMilliseconds());
        }
    }

    public void Delete()
    {
        lock (_gate)
        {
            _isDeleted = true;
            SignalWatchers();
        }
    }

    public void Watch(ChangeSignal signal)
    {
        lock (_gate)
        {
            _watchers.Add(signal);
        }
    }

    public void Unwatch(ChangeSignal signal)
    {
        lock (_gate)
        {
            _watchers.Remove(signal);
        }
    }

    private static RecordBatch Open(LogSegment segment, BatchEntry entry)
    {
        foreach (RecordBatch batch in new RecordBatches(segment.Bytes(entry)))
        {
            return batch;
        }

        throw new InvalidOperationException($"The stored batch at offset {entry.BaseOffset} cannot be found.");
    }

    private ErrorCode LeaderError(int brokerId, int currentLeaderEpoch)
    {
        if (_isDeleted)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }

        // KIP-320: the epoch tells a client of old metadata from a broker of old metadata.
        if (currentLeaderEpoch >= 0 && currentLeaderEpoch != _leadership.Epoch)
        {
            return currentLeaderEpoch < _leadership.Epoch ? ErrorCode.FencedLeaderEpoch : ErrorCode.UnknownLeaderEpoch;
        }

        return brokerId == _leadership.Leader ? ErrorCode.None : ErrorCode.NotLeaderOrFollower;
    }

    private LogOffsets CurrentOffsets() => new(
        _log.StartOffset,
        _log.EndOffset,
        Math.Max(_log.StartOffset, _producers.Transactions.FirstOpenOffset ?? _log.EndOffset));

    private void SignalWatchers()
    {
        foreach (ChangeSignal watcher in _watchers)
        {
            watcher.Set();
        }
    }
}
