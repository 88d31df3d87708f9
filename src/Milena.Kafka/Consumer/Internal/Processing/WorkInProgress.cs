using System.Diagnostics.CodeAnalysis;

namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>All records that are in work, by partition and lane. One lock guards it, below that of the <see cref="FetchState"/>.</summary>
internal sealed class WorkInProgress<TKey, TValue> : IWorkInProgress
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PartitionState, PartitionWork> _partitions = [];
    private readonly SortedDictionary<long, WorkItem<TKey, TValue>> _running = [];
    private readonly LaneScheduler<Lane, WorkItem<TKey, TValue>> _lanes;
    private readonly int _limit;
    private long _starts;

    /// <param name="parallelism">How many handlers may run.</param>
    /// <param name="limit">How many records may be in work.</param>
    public WorkInProgress(int parallelism, int limit)
    {
        _lanes = new LaneScheduler<Lane, WorkItem<TKey, TValue>>(parallelism);
        _limit = limit;
    }

    public (bool IsIdle, long Oldest) Handlers
    {
        get
        {
            lock (_gate)
            {
                return (_running.Count == 0, _running.Count == 0 ? _starts : _running.Keys.First());
            }
        }
    }

    /// <summary>Handlers that run.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Whether another record may be taken.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _lanes.Running + _lanes.Waiting < _limit;
            }
        }
    }

    /// <summary>Takes a record in.</summary>
    /// <param name="state">Its partition.</param>
    /// <param name="partitions">How many partitions are assigned.</param>
    /// <param name="create">Makes the item.</param>
    /// <returns>Whether the partition has its share in work now and should be left out for a while.</returns>
    public bool Add(PartitionState state, int partitions, Func<PartitionWork, WorkItem<TKey, TValue>> create)
    {
        lock (_gate)
        {
            if (!_partitions.TryGetValue(state, out PartitionWork? work) || work.Move != state.Move)
            {
                if (work is not null)
                {
                    Drop(work);
                }

                _partitions[state] = work = new PartitionWork(state);
            }

            work.Share = Math.Max(1, _limit / Math.Max(1, partitions));
            WorkItem<TKey, TValue> item = create(work);
            work.Offsets.Begin(item.Record.Offset);
            _lanes.Enqueue(item.Lane, item);
            work.IsHeldBack |= work.Offsets.Count >= work.Share;
            return work.IsHeldBack;
        }
    }

    /// <summary>Starts the next record, if one may run.</summary>
    public bool TryStart([MaybeNullWhen(false)] out WorkItem<TKey, TValue> item)
    {
        lock (_gate)
        {
            if (!_lanes.TryStart(out item))
            {
                return false;
            }

            item.StartNumber = ++_starts;
            _running.Add(item.StartNumber, item);
            return true;
        }
    }

    /// <summary>A handler that failed is started again with the same record.</summary>
    public void StartAgain(WorkItem<TKey, TValue> item)
    {
        lock (_gate)
        {
            _running.Remove(item.StartNumber);
            item.StartNumber = ++_starts;
            _running.Add(item.StartNumber, item);
        }
    }

    /// <summary>A handler has ended.</summary>
    /// <param name="item">Its record.</param>
    /// <param name="isFinished">Whether the record is done with; else its partition stays before it.</param>
    /// <returns>Whether the partition, which was left out, may be read on.</returns>
    public bool End(WorkItem<TKey, TValue> item, bool isFinished)
    {
        lock (_gate)
        {
            PartitionWork work = item.Partition;
            _running.Remove(item.StartNumber);
            _lanes.Complete(item.Lane);
            if (isFinished)
            {
                work.Offsets.Finish(item.Record.Offset);
            }

            bool isFree = work.IsHeldBack && !work.IsClosed && work.Offsets.Count <= work.Share / 2;
            work.IsHeldBack &= !isFree;

            // What was begun before a seek frees nothing of what came after it.
            return isFree && WorkOf(work.State) == work;
        }
    }

    /// <summary>Whether a partition is to be left out for now.</summary>
    public bool IsHeldBack(PartitionState state)
    {
        lock (_gate)
        {
            return WorkOf(state)?.IsHeldBack == true;
        }
    }

    /// <summary>Begins nothing more; what runs may finish.</summary>
    public void CloseAll()
    {
        lock (_gate)
        {
            foreach (PartitionWork work in _partitions.Values)
            {
                Drop(work);
            }
        }
    }

    /// <summary>Tells all handlers that what they do does not count any more.</summary>
    public void AbandonAll()
    {
        lock (_gate)
        {
            Cancel(_running.Values);
        }
    }

    public long Progress(PartitionState state, long passed)
    {
        lock (_gate)
        {
            return WorkOf(state)?.Offsets.Oldest is { } oldest ? Math.Min(oldest, passed) : passed;
        }
    }

    public bool IsBusyWith(PartitionState state)
    {
        lock (_gate)
        {
            return RunningOf(state).Any();
        }
    }

    public void Revoke(PartitionState state)
    {
        lock (_gate)
        {
            if (_partitions.TryGetValue(state, out PartitionWork? work))
            {
                Drop(work);
            }
        }
    }

    public void Abandon(PartitionState state)
    {
        lock (_gate)
        {
            Revoke(state);
            Cancel(RunningOf(state));
        }
    }

    public void Forget(PartitionState state)
    {
        lock (_gate)
        {
            Abandon(state);
            _partitions.Remove(state);
        }
    }

    private static void Cancel(IEnumerable<WorkItem<TKey, TValue>> items)
    {
        foreach (PartitionWork work in items.Select(i => i.Partition).Distinct())
        {
            // CancelAsync runs what hangs on the token on another thread, so it may be called under a lock. What it throws is the user's, and seen by the handler.
            _ = work.CancelAsync().ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    /// <summary>What runs of a partition, also from before a seek.</summary>
    private IEnumerable<WorkItem<TKey, TValue>> RunningOf(PartitionState state) => _running.Values.Where(i => i.Partition.State == state);

    private PartitionWork? WorkOf(PartitionState state) => _partitions.TryGetValue(state, out PartitionWork? work) && work.Move == state.Move ? work : null;

    private void Drop(PartitionWork work)
    {
        work.IsClosed = true;
        _lanes.Drop(i => i.Partition == work);
    }
}
