namespace Milena.Kafka.Consumer.Internal;

/// <content>Partitions that come and go with the group, and how far the user has got in them.</content>
internal sealed partial class FetchState
{
    /// <summary>Adds partitions that the group has given; nothing is read before <see cref="Release"/>.</summary>
    public void Add(IReadOnlyCollection<TopicPartition> partitions) => With(s => s.Add(partitions));

    /// <summary>Added partitions may be read.</summary>
    public void Release(IReadOnlyCollection<TopicPartition> partitions)
    {
        With(s => s.Release(partitions));
        Changed.Set();
    }

    /// <summary>Nothing more of these partitions is handed out. What is in the user's hands still counts when it is finished.</summary>
    public void BeginRevoke(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (PartitionState state in partitions.Select(_subscription.Find).OfType<PartitionState>())
            {
                state.IsRevoking = true;
                state.Interrupt(PositionOf(state));
                _work?.Revoke(state);
            }

            DropStale();
        }

        Arrived.Set();
    }

    /// <summary>The time for handlers to end is over: they are told. What they had not finished stays unfinished.</summary>
    public void Abandon(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (PartitionState state in partitions.Select(_subscription.Find).OfType<PartitionState>())
            {
                _work?.Abandon(state);
            }
        }
    }

    /// <summary>Takes partitions away; what is in the user's hands does not count any more.</summary>
    public void Remove(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (PartitionState state in partitions.Select(_subscription.Find).OfType<PartitionState>())
            {
                _work?.Forget(state);
            }

            _subscription.Remove(partitions);
            DropStale();
        }

        Arrived.Set();
    }

    /// <summary>Whether the user holds a record or batch of one of these partitions.</summary>
    public bool IsInHand(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (_gate)
        {
            return _work is not null
                ? partitions.Select(_subscription.Find).OfType<PartitionState>().Any(_work.IsBusyWith)
                : _inHand is not null && partitions.Contains(_inHand.State.Partition);
        }
    }

    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    public void Pause(IReadOnlyCollection<TopicPartition> partitions, bool isPaused)
    {
        lock (_gate)
        {
            foreach (PartitionState state in partitions.Select(Assigned).ToList())
            {
                if (isPaused && !state.IsPaused)
                {
                    state.Interrupt(PositionOf(state));
                }

                state.IsPaused = isPaused;
            }

            DropStale();
        }

        Changed.Set();
    }

    /// <summary>Where the user has finished further than the group knows.</summary>
    /// <param name="among">Only these partitions; null for all.</param>
    public List<CommitEntry> Uncommitted(IReadOnlyCollection<TopicPartition>? among)
    {
        lock (_gate)
        {
            var entries = new List<CommitEntry>();
            foreach (PartitionState state in _subscription.Partitions.Where(s => among?.Contains(s.Partition) != false))
            {
                bool isInHand = _inHand is not null && _inHand.State == state && state.Counts(_inHand.Generation);
                long finished = isInHand ? _inHand!.Finished : state.Finished;
                int epoch = isInHand ? _inHand!.Epoch : state.FinishedEpoch;
                // The reader's own progress is read first: what it has passed on since is in the work already.
                finished = _work?.Progress(state, finished) ?? finished;
                if (finished > state.LastCommitted)
                {
                    entries.Add(new CommitEntry(new PartitionOffset(state.Partition, finished, epoch), state, state.Move));
                }
            }

            return entries;
        }
    }

    /// <summary>Notes what the group has stored.</summary>
    public void Committed(in CommitEntry entry)
    {
        lock (_gate)
        {
            if (entry.State is { } state && state.Move == entry.Move)
            {
                state.LastCommitted = Math.Max(state.LastCommitted, entry.Offset.Offset);
            }
        }
    }

    /// <summary>Puts an offset together with the partition as it is; the state is null if the partition is not assigned.</summary>
    public CommitEntry Enter(PartitionOffset offset)
    {
        lock (_gate)
        {
            PartitionState? state = _subscription.Find(offset.Partition);
            return new CommitEntry(offset, state, state?.Move ?? 0);
        }
    }

    /// <summary>How many records are behind the position, as of the last answer; null while it is not known.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public long? Lag(TopicPartition partition)
    {
        lock (_gate)
        {
            return LagOf(Assigned(partition));
        }
    }
}
