using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Transactions;

/// <summary>
/// A transactional id at its coordinator: gives the pure <see cref="Transaction"/> its lock, its clock and its logs. Thread-safe; its lock is taken
/// before those of partitions and positions, so that nothing is written to a transaction after its markers.
/// </summary>
internal sealed class CoordinatedTransaction : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Transaction _transaction;
    private readonly ClusterState _cluster;
    private readonly GroupCoordinator _groups;
    private readonly CompletionHolds _holds;
    private readonly Func<bool> _bumps;
    private readonly ITimer _timer;
    private int? _coordinatorId;
    private int _coordinatorEpoch;
    private DateTimeOffset? _deadline;
    private bool _isHeld;

    /// <summary>Makes one that nobody has used yet.</summary>
    /// <param name="id">The transactional id.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="groups">The groups whose positions go with transactions.</param>
    /// <param name="holds">What keeps it between decision and markers.</param>
    /// <param name="bumps">Whether an end by the coordinator itself takes an epoch.</param>
    /// <param name="timedOut">Called when the time-out of its transaction may have come.</param>
    public CoordinatedTransaction(
        string id, ClusterState cluster, GroupCoordinator groups, CompletionHolds holds, Func<bool> bumps, Action<CoordinatedTransaction> timedOut)
    {
        _transaction = new Transaction(id, cluster.NextProducerId());
        _cluster = cluster;
        _groups = groups;
        _holds = holds;
        _bumps = bumps;
        _coordinatorId = cluster.TransactionCoordinator(id)?.Id;
        _timer = cluster.Time.CreateTimer(_ => timedOut(this), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Id => _transaction.Id;

    private DateTimeOffset Now => _cluster.Time.GetUtcNow();

    public (ErrorCode Error, ProducerIdentity Producer) Initialize(TimeSpan timeout, ProducerIdentity? expected)
    {
        lock (_gate)
        {
            ErrorCode error = IsDead ? ErrorCode.ConcurrentTransactions : _transaction.Initialize(timeout, expected, _bumps(), _cluster.NextProducerId);
            Settle();
            return (error, error == ErrorCode.None ? _transaction.Producer : ProducerIdentity.None);
        }
    }

    public ErrorCode Add(ProducerIdentity producer, IReadOnlyCollection<(string Topic, int Partition)> partitions) =>
        Change(() => _transaction.Add(producer, partitions, Now));

    public ErrorCode Verify(ProducerIdentity producer, string topic, int partition)
    {
        lock (_gate)
        {
            return IsDead ? ErrorCode.InvalidProducerIdMapping : _transaction.Verify(producer, topic, partition);
        }
    }

    public ErrorCode AddGroup(ProducerIdentity producer, string groupId) => Change(() => _transaction.AddGroup(producer, groupId, Now));

    public EndResult End(ProducerIdentity producer, bool isCommit, bool bumps)
    {
        lock (_gate)
        {
            if (IsDead)
            {
                return EndResult.Failed(ErrorCode.InvalidProducerIdMapping);
            }

            EndResult result = _transaction.End(producer, isCommit, bumps, _cluster.NextProducerId);
            Settle();
            return result;
        }
    }

    /// <summary>Has something written to a partition if the transaction allows it; nothing can end the transaction in between.</summary>
    /// <param name="call">Who wants it.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="write">What is to be done.</param>
    public ErrorCode Write(in TransactionCall call, string topic, int partition, Action write)
    {
        lock (_gate)
        {
            ErrorCode error = IsDead ? ErrorCode.InvalidProducerIdMapping
                : call.Enrols ? _transaction.Add(call.Producer, [(topic, partition)], Now)
                : _transaction.Verify(call.Producer, topic, partition);
            return Write(error, write);
        }
    }

    /// <summary>Has positions of a group stored if the transaction allows it; nothing can end the transaction in between.</summary>
    /// <param name="call">Who wants it.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="write">What is to be done.</param>
    public ErrorCode WriteOffsets(in TransactionCall call, string groupId, Action write)
    {
        lock (_gate)
        {
            ErrorCode error = IsDead ? ErrorCode.InvalidProducerIdMapping
                : call.Enrols ? _transaction.AddGroup(call.Producer, groupId, Now)
                : _transaction.VerifyGroup(call.Producer, groupId);
            return Write(error, write);
        }
    }

    /// <summary>Aborts the transaction if it has run for too long, and goes on with what had to wait.</summary>
    public void Continue()
    {
        lock (_gate)
        {
            // Without a coordinator nobody looks after time-outs; when there is one again, this is called.
            if (IsDead || _coordinatorId is null)
            {
                return;
            }

            // A timer may fire a little early: then it is set again.
            _deadline = null;
            _transaction.TimeOut(Now, _bumps());
            Settle();
        }
    }

    /// <summary>Another broker looks after the transaction from now on: it has read the log of the one before.</summary>
    public void FollowCoordinator()
    {
        lock (_gate)
        {
            int? coordinator = _cluster.TransactionCoordinator(Id)?.Id;
            if (coordinator != _coordinatorId)
            {
                _coordinatorId = coordinator;
                _coordinatorEpoch++;
            }
        }

        Continue();
    }

    /// <summary>Forgets the transactional id unless a transaction runs.</summary>
    public bool TryExpire()
    {
        lock (_gate)
        {
            if (_transaction.State is TransactionState.Ongoing || _transaction.IsPrepared)
            {
                return false;
            }

            _transaction.Expire();
            Dispose();
            return true;
        }
    }

    public void SkipTo(short epoch)
    {
        lock (_gate)
        {
            _transaction.SkipTo(epoch);
        }
    }

    public StoredTransaction Describe()
    {
        lock (_gate)
        {
            return new StoredTransaction
            {
                TransactionalId = Id,
                State = _transaction.State.ToString(),
                ProducerId = _transaction.Producer.Id,
                ProducerEpoch = _transaction.Producer.Epoch,
                Timeout = _transaction.Timeout,
                StartedAt = _transaction.StartedAt,
                Partitions = [.. _transaction.Partitions],
                Groups = [.. _transaction.Groups],
            };
        }
    }

    public void Dispose() => _timer.Dispose();

    private bool IsDead => _transaction.State == TransactionState.Dead;

    private ErrorCode Change(Func<ErrorCode> change)
    {
        lock (_gate)
        {
            ErrorCode error = IsDead ? ErrorCode.InvalidProducerIdMapping : change();
            Settle();
            return error;
        }
    }

    private ErrorCode Write(ErrorCode error, Action write)
    {
        Settle();
        if (error == ErrorCode.None)
        {
            write();
        }

        return error;
    }

    /// <summary>Does what follows from the state: markers if the end is decided, a time-out if the transaction runs.</summary>
    private void Settle()
    {
        if (_transaction.IsPrepared)
        {
            WriteMarkers();
        }
        else
        {
            _isHeld = false;
        }

        SetTimer(_transaction is { State: TransactionState.Ongoing, StartedAt: { } start } ? start + _transaction.Timeout : null);
    }

    private void SetTimer(DateTimeOffset? deadline)
    {
        // Most requests go on with a transaction whose timer is set.
        if (deadline == _deadline)
        {
            return;
        }

        _deadline = deadline;
        TimeSpan left = deadline is { } end ? end - Now : Timeout.InfiniteTimeSpan;
        _timer.Change(deadline is not null && left < TimeSpan.Zero ? TimeSpan.Zero : left, Timeout.InfiniteTimeSpan);
    }

    private void WriteMarkers()
    {
        bool mustWait = _coordinatorId is null || _holds.Blocks(Id, isNew: !_isHeld);
        _isHeld |= mustWait;
        if (mustWait)
        {
            return;
        }

        bool isCommit = _transaction.State == TransactionState.PrepareCommit;
        var marker = new TransactionMarker(_transaction.Producer, isCommit, _coordinatorEpoch, MustHaveNewEpoch: false);
        foreach ((string topic, int partition) in _transaction.Partitions.ToArray())
        {
            // One without a leader gets its marker when it has one. One that is gone needs none.
            if (_cluster.Topic(topic)?.Partition(partition)?.End(marker, _cluster.Time) is not ErrorCode.NotLeaderOrFollower)
            {
                _transaction.Mark(topic, partition);
            }
        }

        if (_transaction.Partitions.Count > 0)
        {
            return;
        }

        foreach (string group in _transaction.Groups)
        {
            _groups.Find(group)?.Offsets.EndTransaction(_transaction.Producer.Id, isCommit);
        }

        _transaction.Complete();
        _isHeld = false;
    }
}
