using Milena.Kafka.Protocol;
using static Milena.Kafka.Testing.Transactions.TransactionState;

namespace Milena.Kafka.Testing.Transactions;

/// <summary>
/// The state of one transactional id: who may write under it, what the running transaction has written to and how it ends. Pure: it has no clock,
/// lock or log. Owned and guarded by a <see cref="CoordinatedTransaction"/>.
/// </summary>
internal sealed class Transaction(string id, long producerId)
{
    private readonly SortedSet<(string Topic, int Partition)> _partitions = [];
    private readonly SortedSet<string> _groups = new(StringComparer.Ordinal);
    private long _previousProducerId = -1;
    private short _previousEpoch = -1;
    private long _nextProducerId = -1;

    public string Id { get; } = id;

    public TransactionState State { get; private set; } = Empty;

    /// <summary>Who may write. The epoch is -1 until the first producer has been let in.</summary>
    public ProducerIdentity Producer { get; private set; } = new(producerId, -1);

    public TimeSpan Timeout { get; private set; }

    /// <summary>When the running or, after its end, the last transaction began; null if none did since the producer was let in.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>What is enrolled and has not got its marker.</summary>
    public IReadOnlyCollection<(string Topic, int Partition)> Partitions => _partitions;

    /// <summary>The groups whose positions go with the transaction.</summary>
    public IReadOnlyCollection<string> Groups => _groups;

    public bool IsPrepared => State is PrepareCommit or PrepareAbort;

    /// <summary>Lets a producer in and fences the one before it.</summary>
    /// <param name="timeout">How long its transactions may take.</param>
    /// <param name="expected">Who it was so far, if it goes on after an error (KIP-360).</param>
    /// <param name="bumps">Whether an end by the coordinator itself takes an epoch (KIP-890 part 2).</param>
    /// <param name="newProducerId">Gives a producer id that nobody has.</param>
    /// <returns>
    /// An error, or none. With <see cref="ErrorCode.ConcurrentTransactions"/> a transaction that ran may have become one that is to be aborted.
    /// </returns>
    public ErrorCode Initialize(TimeSpan timeout, ProducerIdentity? expected, bool bumps, Func<long> newProducerId)
    {
        if (expected is { } known && !MayGoOn(known))
        {
            return ErrorCode.ProducerFenced;
        }

        if (IsPrepared)
        {
            return ErrorCode.ConcurrentTransactions;
        }

        if (State == Ongoing)
        {
            // The epoch of the fence is given to nobody: the caller comes again and gets the one after it.
            Fence(bumps);
            return ErrorCode.ConcurrentTransactions;
        }

        if (Admit(expected, newProducerId) is not { } admitted)
        {
            return ErrorCode.ProducerFenced;
        }

        Move(Empty);
        (Producer, _previousEpoch) = admitted;
        Timeout = timeout;
        StartedAt = null;
        return ErrorCode.None;
    }

    /// <summary>Enrols partitions, and begins a transaction if none runs.</summary>
    public ErrorCode Add(ProducerIdentity producer, IEnumerable<(string Topic, int Partition)> partitions, DateTimeOffset now)
    {
        ErrorCode error = Begin(producer, now);
        if (error == ErrorCode.None)
        {
            _partitions.UnionWith(partitions);
        }

        return error;
    }

    /// <summary>Enrols the positions of a group, and begins a transaction if none runs.</summary>
    public ErrorCode AddGroup(ProducerIdentity producer, string groupId, DateTimeOffset now)
    {
        ErrorCode error = Begin(producer, now);
        if (error == ErrorCode.None)
        {
            _groups.Add(groupId);
        }

        return error;
    }

    /// <summary>Whether a producer may write to a partition that it should have enrolled.</summary>
    public ErrorCode Verify(ProducerIdentity producer, string topic, int partition) => Verify(producer, _partitions.Contains((topic, partition)));

    /// <summary>Whether a producer may store positions of a group that it should have enrolled.</summary>
    public ErrorCode VerifyGroup(ProducerIdentity producer, string groupId) => Verify(producer, _groups.Contains(groupId));

    /// <summary>Decides how the transaction ends, unless that is decided.</summary>
    /// <param name="producer">Who wants it.</param>
    /// <param name="isCommit">Whether it is to be committed.</param>
    /// <param name="bumps">Whether the producer takes a new epoch with each end (KIP-890 part 2).</param>
    /// <param name="newProducerId">Gives a producer id that nobody has.</param>
    public EndResult End(ProducerIdentity producer, bool isCommit, bool bumps, Func<long> newProducerId)
    {
        bool isRetry = bumps && IsRetryOfEnd(producer);
        if (producer.Id != Producer.Id && !isRetry)
        {
            return EndResult.Failed(ErrorCode.InvalidProducerIdMapping);
        }

        // With an epoch for each transaction the old epoch is a retry of the last end, and while markers are written it can be nothing else.
        bool isCurrent = producer == Producer && !(bumps && IsPrepared);
        if (!isRetry && !isCurrent)
        {
            return EndResult.Failed(ErrorCode.ProducerFenced);
        }

        bool repeatsOutcome = State is PrepareCommit or CompleteCommit ? isCommit : State is PrepareAbort or CompleteAbort && !isCommit;
        switch (State)
        {
            case Ongoing:
                Prepare(isCommit, bumps, newProducerId);
                return new EndResult(ErrorCode.None, ProducerAfterEnd);
            case PrepareCommit or PrepareAbort:
                return EndResult.Failed(repeatsOutcome ? ErrorCode.ConcurrentTransactions : ErrorCode.InvalidTxnState);
            case CompleteCommit or CompleteAbort when repeatsOutcome && (isRetry || !bumps):
                return new EndResult(ErrorCode.None, Producer);
            case Empty or CompleteCommit or CompleteAbort when bumps && !isCommit && !isRetry:
                // A producer that does not know whether its first request came through may abort nothing at all, and gets its new epoch.
                Prepare(isCommit: false, bumps, newProducerId);
                return new EndResult(ErrorCode.None, ProducerAfterEnd);
            default:
                return EndResult.Failed(ErrorCode.InvalidTxnState);
        }
    }

    /// <summary>Aborts a transaction that has run for too long, and fences its producer.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bumps">Whether an end by the coordinator itself takes an epoch (KIP-890 part 2).</param>
    /// <returns>Whether there was one.</returns>
    public bool TimeOut(DateTimeOffset now, bool bumps)
    {
        bool isOver = State == Ongoing && now - StartedAt >= Timeout;
        if (isOver)
        {
            Fence(bumps);
        }

        return isOver;
    }

    /// <summary>Takes a partition off that has got its marker, or is gone.</summary>
    public void Mark(string topic, int partition) => _partitions.Remove((topic, partition));

    /// <summary>Ends the transaction once all have got their markers.</summary>
    public void Complete()
    {
        if (_partitions.Count > 0)
        {
            throw new InvalidOperationException($"Transaction {Id} cannot be completed: {_partitions.Count} partitions have no marker.");
        }

        _groups.Clear();
        Move(State == PrepareCommit ? CompleteCommit : CompleteAbort);
        Producer = ProducerAfterEnd;
        _nextProducerId = -1;
    }

    /// <summary>Forgets the transactional id, as Kafka does with those that were silent for a week.</summary>
    public void Expire() => Move(Dead);

    /// <summary>Acts as if epochs had been used up.</summary>
    public void SkipTo(short epoch)
    {
        if (State is not (Empty or CompleteCommit or CompleteAbort) || epoch < Producer.Epoch || epoch > ProducerIdentity.LastEpoch)
        {
            throw new InvalidOperationException($"Transactional id {Id} is {State} at epoch {Producer.Epoch} and cannot go to epoch {epoch}.");
        }

        Producer = Producer with { Epoch = epoch };
    }

    private static bool IsLegal(TransactionState from, TransactionState to) => (from, to) switch
    {
        (Empty or CompleteCommit or CompleteAbort, Empty or Ongoing or PrepareAbort or Dead) => true,
        (Ongoing, PrepareCommit or PrepareAbort) => true,
        (PrepareCommit, CompleteCommit) or (PrepareAbort, CompleteAbort) => true,
        _ => false,
    };

    private ProducerIdentity ProducerAfterEnd => _nextProducerId >= 0 ? new ProducerIdentity(_nextProducerId, 0) : Producer;

    /// <summary>Whether a producer that goes on after an error is the last one that was let in.</summary>
    private bool MayGoOn(ProducerIdentity expected) =>
        Producer.Epoch < 0 || expected.Id == Producer.Id || (expected.Id == _previousProducerId && expected.IsExhausted);

    private (ProducerIdentity Producer, short PreviousEpoch)? Admit(ProducerIdentity? expected, Func<long> newProducerId)
    {
        short previous = expected is null ? (short)-1 : Producer.Epoch;
        bool isCurrent = expected is null || Producer.Epoch < 0 || expected.Value.Epoch == Producer.Epoch;
        if (isCurrent)
        {
            return (Producer.IsExhausted ? new ProducerIdentity(newProducerId(), 0) : Producer.Next, previous);
        }

        // The epoch before: its answer was lost, and nobody else has come since, or the previous epoch were unknown.
        return expected!.Value.Epoch == _previousEpoch ? (Producer, _previousEpoch) : null;
    }

    private ErrorCode Begin(ProducerIdentity producer, DateTimeOffset now)
    {
        ErrorCode error = CheckWriter(producer);
        if (error == ErrorCode.None && State != Ongoing)
        {
            Move(Ongoing);
            StartedAt = now;
        }

        return error;
    }

    private ErrorCode Verify(ProducerIdentity producer, bool isEnrolled) =>
        CheckWriter(producer) is var error && error != ErrorCode.None ? error : isEnrolled ? ErrorCode.None : ErrorCode.TransactionAbortable;

    private ErrorCode CheckWriter(ProducerIdentity producer)
    {
        if (producer.Id != Producer.Id)
        {
            return ErrorCode.InvalidProducerIdMapping;
        }

        if (producer.Epoch != Producer.Epoch)
        {
            return ErrorCode.ProducerFenced;
        }

        return IsPrepared ? ErrorCode.ConcurrentTransactions : ErrorCode.None;
    }

    /// <summary>Whether the last end, which gave a new epoch or even a new producer id, is asked for again.</summary>
    private bool IsRetryOfEnd(ProducerIdentity producer)
    {
        bool isEpochBefore = producer.Id == Producer.Id && producer.Epoch + 1 == Producer.Epoch;
        bool isIdBefore = producer.Id == _previousProducerId && producer.Epoch == ProducerIdentity.LastEpoch && Producer.Epoch == 0;
        return (isEpochBefore && State is not (Empty or Ongoing)) || (isIdBefore && State is CompleteCommit or CompleteAbort);
    }

    private void Prepare(bool isCommit, bool bumps, Func<long> newProducerId)
    {
        Move(isCommit ? PrepareCommit : PrepareAbort);
        if (bumps)
        {
            _nextProducerId = Producer.IsExhausted ? newProducerId() : -1;
            Bump();
        }
    }

    private void Fence(bool bumps)
    {
        Move(PrepareAbort);
        Producer = Producer.Next;
        _previousEpoch = -1;
        if (bumps)
        {
            // One epoch for the fence, and one for the end: the epoch that was fenced cannot pass for a retry of that end.
            Bump();
        }
    }

    /// <summary>The markers carry the new epoch: no late batch of the old one gets behind them.</summary>
    private void Bump()
    {
        _previousEpoch = Producer.Epoch;
        Producer = Producer.Next;
    }

    private void Move(TransactionState to)
    {
        if (!IsLegal(State, to))
        {
            throw new InvalidOperationException($"Transaction {Id} cannot go from {State} to {to}.");
        }

        _previousProducerId = Producer.Id;
        State = to;
    }
}
