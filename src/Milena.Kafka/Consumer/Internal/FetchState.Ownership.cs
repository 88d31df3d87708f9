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
                state.Interrupt(_hand.PositionOf(state));
                _hand.Work?.Revoke(state);
            }

            _ready.DropStale();
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
                _hand.Work?.Abandon(state);
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
                _hand.Work?.Forget(state);
            }

            _subscription.Remove(partitions);
            _ready.DropStale();
        }

        Arrived.Set();
    }

    /// <summary>Whether the user holds a record or batch of one of these partitions.</summary>
    public bool IsInHand(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (_gate)
        {
            return partitions.Select(_subscription.Find).OfType<PartitionState>().Any(_hand.IsUserBusyWith);
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
                    state.Interrupt(_hand.PositionOf(state));
                }

                state.IsPaused = isPaused;
            }

            _ready.DropStale();
        }

        Changed.Set();
    }

    /// <summary>Where the user has finished further than the group knows.</summary>
    /// <param name="among">Only these partitions; null for all.</param>
    public List<CommitEntry> Uncommitted(IReadOnlyCollection<TopicPartition>? among)
    {
        lock (_gate)
        {
            return [.. _subscription.Partitions.Where(s => among?.Contains(s.Partition) != false).Select(_hand.UncommittedOf).OfType<CommitEntry>()];
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
            return _hand.LagOf(Assigned(partition));
        }
    }
}
