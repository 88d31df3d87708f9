using System.Diagnostics.CodeAnalysis;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>
/// The consumer's memory: the one lock around assigned partitions (<see cref="Subscription"/>), what waits for the reader (<see cref="ReadyRecords"/>) and what it has taken
/// (<see cref="ReaderHand"/>), and the latches that tell of changes. The lock is taken per fetch and per partition of an answer, never per record.
/// </summary>
internal sealed partial class FetchState
{
    private readonly Lock _gate = new();
    private readonly ReadyRecords _ready = new();
    private readonly ReaderHand _hand = new();
    private readonly Subscription _subscription;
    private readonly IdleTime _idle;
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
                return _hand.Work?.Handlers ?? (_isWaiting, _hand.Progress);
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
            _ready.DropStale();
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
            _ready.DropStale();
        }

        Changed.Set();
    }

    /// <summary>Goes back to an offset, unless the partition has gone since it was claimed.</summary>
    public void Rewind(PartitionClaim claim, long offset)
    {
        lock (_gate)
        {
            if (_subscription.Find(claim.State.Partition) != claim.State)
            {
                return;
            }

            claim.State.Restart(StartPosition.At(offset));
            _ready.DropStale();
        }

        Changed.Set();
    }

    /// <summary>The next offset to hand out; null while it is not known.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public long? Position(TopicPartition partition)
    {
        lock (_gate)
        {
            long position = _hand.PositionOf(Assigned(partition));
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
                target.State.Restart(StartPosition.At(Math.Min(_hand.PositionOf(target.State), offset)));
                _ready.DropStale();
            }
        }

        Changed.Set();
    }

    /// <summary>Tells the reader something, once. Reading may go on after it.</summary>
    public void Tell(Exception news)
    {
        lock (_gate)
        {
            _ready.Tell(news);
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
            _hand.CountWait();
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

    /// <summary>Notes what a fetch brought of a partition.</summary>
    public void Note(in FetchTarget target, in FetchOutcome outcome)
    {
        lock (_gate)
        {
            target.State.LastFetch = outcome;
        }
    }

    /// <summary>A fetch brought no records.</summary>
    public void Advance(in FetchTarget target, long highWatermark)
    {
        lock (_gate)
        {
            if (target.IsCurrent)
            {
                _subscription.Advance(target, 0, target.Position.Offset, -1, highWatermark);
            }
        }
    }

    /// <summary>Takes over what a fetch brought.</summary>
    public void Add(FetchedRecords records, in FetchTarget target, in FetchVerdict verdict)
    {
        lock (_gate)
        {
            if (target.IsCurrent && _ready.TryAdd(records))
            {
                _subscription.Advance(target, records.Records.Length, verdict.NextOffset, verdict.LastEpoch, records.HighWatermark);
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
            if (_ready.NextToTell() is { } told)
            {
                throw told;
            }
        }
    }

    /// <summary>Reader only: takes the records that have been ready longest.</summary>
    public bool TryTake([MaybeNullWhen(false)] out FetchedRecords records)
    {
        lock (_gate)
        {
            records = _ready.Take();
            if (records is null)
            {
                return false;
            }

            _hand.Take(records);
            return true;
        }
    }

    /// <summary>Reader only: the records in hand were handed out to their end, or are stale.</summary>
    public void Finish(FetchedRecords records)
    {
        lock (_gate)
        {
            _hand.Finish(records);
        }

        HandFreed.Set();
        records.Release();
    }

    /// <summary>Reader only: the records in hand are handed out from where they are when reading goes on.</summary>
    public void PutBack(FetchedRecords records)
    {
        bool isKept;
        lock (_gate)
        {
            _hand.PutBack(records);
            isKept = _ready.TryPutBack(records);
        }

        HandFreed.Set();
        if (!isKept)
        {
            records.Release();
        }
    }

    /// <summary>Reader only: the records in hand cannot be read; they are fetched anew when reading goes on.</summary>
    public void Discard(FetchedRecords records)
    {
        lock (_gate)
        {
            _hand.Discard(records);
            _ready.DropStale();
        }

        HandFreed.Set();
        records.Release();
        Changed.Set();
    }

    /// <summary>Nothing more will come.</summary>
    public void End(Exception reason)
    {
        lock (_gate)
        {
            _ready.End(reason);
        }

        Arrived.Set();
    }

    /// <summary>Whether retrying by itself cannot help, or has been tried long enough.</summary>
    private static bool IsFinal(KafkaException failure) =>
        !failure.IsRetriable || failure is UnknownTopicException or UnknownPartitionException or ClusterUnreachableException;

    private PartitionState Assigned(TopicPartition partition) =>
        _subscription.Find(partition) ?? throw new InvalidOperationException($"{partition} is not assigned to this consumer; call Assign with it first.");

    private void Halt(PartitionState state, KafkaException fault)
    {
        Subscription.Halt(state);
        _ready.Tell(state, fault);
        Arrived.Set();
    }
}
