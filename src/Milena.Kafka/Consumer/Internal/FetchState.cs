using System.Diagnostics.CodeAnalysis;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>
/// The consumer's memory: assigned partitions, records that are ready to be handed out, failures to be told. One lock guards it all; it is
/// taken per fetch and per partition of an answer, never per record.
/// </summary>
internal sealed partial class FetchState
{
    private readonly Lock _gate = new();
    private readonly LinkedList<FetchedRecords> _ready = new();
    private readonly Queue<(PartitionState State, int Generation, KafkaException Fault)> _faults = new();
    private readonly Subscription _subscription;
    private readonly Queue<Exception> _news = new();
    private readonly IdleTime _idle;
    private FetchedRecords? _inHand;
    private IWorkInProgress? _work;
    private Exception? _end;
    private long _handedOver;
    private volatile bool _isWaiting;
    private volatile bool _isAway;

    public FetchState(Subscription subscription, TimeProvider time)
    {
        _subscription = subscription;
        _idle = new IdleTime(time);
    }

    /// <summary>Set when there may be something for the reader.</summary>
    public Wakeup Arrived { get; } = new();

    /// <summary>Set when positions or leaders have to be looked up.</summary>
    public Wakeup Changed { get; } = new();

    /// <summary>Set when records that were in the user's hands have been finished or given back.</summary>
    public Wakeup HandFreed { get; } = new();

    /// <summary>Set when the user comes back after <see cref="IsAway"/>.</summary>
    public Wakeup CameBack { get; } = new();

    /// <summary>Whether the user has been away for too long.</summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>Whether the reader waits for records, and a number that changes whenever the user comes for more.</summary>
    public (bool IsWaiting, long Progress) Reader
    {
        get
        {
            lock (_gate)
            {
                return _work?.Handlers ?? (_isWaiting, _handedOver + (_inHand?.Finished ?? 0));
            }
        }
    }

    public IReadOnlyList<TopicPartition> Assignment
    {
        get
        {
            lock (_gate)
            {
                return [.. _subscription.Partitions.Select(s => s.Partition)];
            }
        }
    }

    public void Assign(IReadOnlyList<PartitionStart> partitions)
    {
        lock (_gate)
        {
            _subscription.Assign(partitions);
            DropStale();
        }

        Changed.Set();
        Arrived.Set();
    }

    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public void Seek(TopicPartition partition, StartPosition position)
    {
        lock (_gate)
        {
            Assigned(partition).Restart(position);
            DropStale();
        }

        Changed.Set();
    }

    /// <summary>The next offset to hand out; null while it is not known.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public long? Position(TopicPartition partition)
    {
        lock (_gate)
        {
            long position = PositionOf(Assigned(partition));
            return position >= 0 ? position : null;
        }
    }

    /// <summary>Whether the reader has come up to an offset, or the partition is not assigned any more.</summary>
    public bool HasReached(TopicPartition partition, long offset)
    {
        lock (_gate)
        {
            return _subscription.Find(partition) is null || Position(partition) >= offset;
        }
    }

    public void ResumeHalted()
    {
        lock (_gate)
        {
            _subscription.ResumeHalted();
        }

        Changed.Set();
    }

    /// <summary>Goes back to an offset behind which the log is another one now. What is buffered is fetched again.</summary>
    public void CutBack(in FetchTarget target, long offset)
    {
        lock (_gate)
        {
            if (target.IsCurrent)
            {
                target.State.Restart(StartPosition.At(Math.Min(PositionOf(target.State), offset)));
                DropStale();
            }
        }

        Changed.Set();
    }

    /// <summary>Tells the reader something, once. Reading may go on after it.</summary>
    public void Tell(Exception news)
    {
        lock (_gate)
        {
            _news.Enqueue(news);
        }

        Arrived.Set();
    }

    /// <summary>Reader only: begins to wait for records.</summary>
    public ReaderWait WaitForRecords()
    {
        _isWaiting = true;
        _idle.Begin();
        ComeBack();
        return new ReaderWait(this);
    }

    /// <summary>The user is done with something: if he had been away, that is over at once.</summary>
    public void ComeBack()
    {
        if (IsAway)
        {
            CameBack.Set();
        }
    }

    /// <summary>Reader only: has records.</summary>
    public void EndWait()
    {
        lock (_gate)
        {
            _isWaiting = false;
            _handedOver++;
        }

        _idle.End();
    }

    /// <summary>Runs a decision of the subscription under the lock.</summary>
    public T With<T>(Func<Subscription, T> decide)
    {
        lock (_gate)
        {
            return decide(_subscription);
        }
    }

    /// <summary>Runs a decision of the subscription under the lock.</summary>
    public void With(Action<Subscription> decide)
    {
        lock (_gate)
        {
            decide(_subscription);
        }
    }

    /// <summary>Notes where a looked-up position is, unless the partition has moved meanwhile.</summary>
    public void Place(in PlacementOrder order, Answer<FoundOffset> answer)
    {
        lock (_gate)
        {
            if (order.State.Generation != order.Generation)
            {
                return;
            }

            if (answer.Failure is null)
            {
                order.State.Place(answer.Value.Offset);
                if (answer.Value.IsCommitted)
                {
                    order.State.LastCommitted = answer.Value.Offset;
                    order.State.LastFetchedEpoch = answer.Value.LeaderEpoch;
                    order.State.FinishedEpoch = answer.Value.LeaderEpoch;
                }
            }
            else if (IsFinal(answer.Failure))
            {
                Halt(order.State, answer.Failure);
            }
            else
            {
                order.State.Phase = PartitionPhase.Unplaced;
            }
        }

        Changed.Set();
        Arrived.Set();
    }

    /// <summary>Adds what a fetch brought.</summary>
    public void Add(FetchedRecords records, in FetchTarget target, long nextOffset, int lastEpoch)
    {
        lock (_gate)
        {
            if (target.IsCurrent && _end is null)
            {
                _subscription.Advance(target, records.Records.Length, nextOffset, lastEpoch);
                target.State.HighWatermark = records.HighWatermark;
                _ready.AddLast(records);
                Arrived.Set();
                return;
            }
        }

        records.Release();
    }

    /// <summary>Stops a partition and tells the reader why, unless the partition has moved meanwhile.</summary>
    public void Fail(in FetchTarget target, KafkaException fault)
    {
        lock (_gate)
        {
            if (target.IsCurrent)
            {
                Halt(target.State, fault);
            }
        }
    }

    /// <summary>Stops a partition and tells the reader why.</summary>
    public void Fail(PartitionState state, KafkaException fault)
    {
        lock (_gate)
        {
            Halt(state, fault);
        }
    }

    /// <summary>Reader only: throws what it has to be told. Failures that moves of the position have made void are left out.</summary>
    public void ThrowIfFailed()
    {
        lock (_gate)
        {
            if (_end is not null)
            {
                throw _end is ObjectDisposedException ? new ObjectDisposedException(nameof(KafkaClient), "The consumer, or the client that made it, was disposed.") : new KafkaException(_end.Message, _end);
            }

            if (_news.TryDequeue(out Exception? news))
            {
                throw news;
            }

            while (_faults.TryDequeue(out (PartitionState State, int Generation, KafkaException Fault) next))
            {
                if (next.State.Generation == next.Generation)
                {
                    throw next.Fault;
                }
            }
        }
    }

    /// <summary>Reader only: takes the records that have been ready longest.</summary>
    public bool TryTake([MaybeNullWhen(false)] out FetchedRecords records)
    {
        lock (_gate)
        {
            LinkedListNode<FetchedRecords>? node = _ready.First;
            while (node is not null && node.Value.State.IsHeldBack)
            {
                node = node.Next;
            }

            records = node?.Value;
            if (records is null)
            {
                return false;
            }

            _ready.Remove(node!);
            _inHand = records;
            _handedOver++;
            records.MarkFinished();
            return true;
        }
    }

    /// <summary>Reader only: the records in hand were handed out to their end, or are stale.</summary>
    public void Finish(FetchedRecords records)
    {
        lock (_gate)
        {
            _inHand = null;
            _handedOver += records.Finished + 1;
            if (!records.IsStale)
            {
                records.State.Position = records.NextOffset;
                records.State.BufferedBytes -= records.Records.Length;
            }

            Note(records, records.NextOffset);
        }

        HandFreed.Set();
        records.Release();
    }

    /// <summary>Reader only: the records in hand are handed out from where they are when reading goes on.</summary>
    public void PutBack(FetchedRecords records)
    {
        lock (_gate)
        {
            _inHand = null;
            _handedOver += records.Finished + 1;
            Note(records, records.Finished);
            HandFreed.Set();
            if (!records.IsStale && _end is null)
            {
                records.State.Position = records.NextOffset;
                _ready.AddFirst(records);
                return;
            }
        }

        records.Release();
    }

    /// <summary>Reader only: the records in hand cannot be read; they are fetched anew when reading goes on.</summary>
    public void Discard(FetchedRecords records)
    {
        lock (_gate)
        {
            _inHand = null;
            HandFreed.Set();
            if (!records.IsStale)
            {
                records.State.Restart(StartPosition.At(records.NextOffset));
                DropStale();
            }
        }

        records.Release();
        Changed.Set();
    }

    /// <summary>Nothing more will come.</summary>
    public void End(Exception reason)
    {
        lock (_gate)
        {
            _end ??= reason;
            foreach (FetchedRecords records in _ready)
            {
                records.Release();
            }

            _ready.Clear();
        }

        Arrived.Set();
    }

    /// <summary>Whether retrying by itself cannot help, or has been tried long enough.</summary>
    private static bool IsFinal(KafkaException failure) =>
        !failure.IsRetriable || failure is UnknownTopicException or UnknownPartitionException or ClusterUnreachableException;

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

    /// <summary>The next offset to hand out; -1 while it is not known.</summary>
    private long PositionOf(PartitionState state) =>
        _inHand is not null && _inHand.State == state && !_inHand.IsStale ? _inHand.NextOffset : state.Position;

    private PartitionState Assigned(TopicPartition partition) =>
        _subscription.Find(partition) ?? throw new InvalidOperationException($"{partition} is not assigned to this consumer; call Assign with it first.");

    private void Halt(PartitionState state, KafkaException fault)
    {
        Subscription.Halt(state);
        _faults.Enqueue((state, state.Generation, fault));
        Arrived.Set();
    }

    private void DropStale()
    {
        for (LinkedListNode<FetchedRecords>? node = _ready.First; node is not null;)
        {
            LinkedListNode<FetchedRecords>? next = node.Next;
            if (node.Value.IsStale)
            {
                _ready.Remove(node);
                node.Value.Release();
            }

            node = next;
        }
    }
}
