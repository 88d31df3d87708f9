using static Milena.Kafka.Producer.Internal.Transactions.TransactionState;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>The legal moves of a transactional producer and what must be known between them. Pure: no I/O, clock or lock; guarded by its session.</summary>
internal sealed class TransactionMachine
{
    private readonly string _id;
    private TransactionState _before = Uninitialized;

    public TransactionMachine(string id) => _id = id;

    public TransactionState State { get; private set; } = Uninitialized;

    /// <summary>The number of the last scope that began; the first is 1.</summary>
    public long Scope { get; private set; }

    /// <summary>Whether the coordinator may know of the scope, so that it must be told of its end.</summary>
    public bool HasWork { get; private set; }

    /// <summary>Whether late requests of the identity may still land: no scope begins before it is renewed (KIP-360).</summary>
    public bool MustRenew { get; private set; }

    /// <summary>While <see cref="TransactionState.Unresolved"/>: whether the last scope was to be committed.</summary>
    public bool WasCommit { get; private set; }

    /// <summary>While starting: whether the coordinator must say first how the last scope ended.</summary>
    public bool MustResolve => State == Starting && _before == Unresolved;

    /// <summary>Why the scope can only be aborted, or the producer is at its end; null if neither is so.</summary>
    public KafkaException? Failure { get; private set; }

    /// <summary>How the last scope ended; null while it has not, and before the first.</summary>
    public TransactionOutcome? Outcome { get; private set; }

    /// <summary>A scope is asked for.</summary>
    /// <exception cref="TransactionStateException">There is one already.</exception>
    /// <exception cref="KafkaException">The producer is at its end.</exception>
    public void Begin()
    {
        if (!IsLegal(State, Starting))
        {
            throw State == Fatal ? Failure! : new TransactionStateException(
                $"A transaction of '{_id}' is {Describe(State)}: a producer has one transaction at a time. Commit or abort it before the next begins, or make a producer with another TransactionalId.");
        }

        _before = State;
        Move(Starting);
    }

    /// <summary>The coordinator has said how the last scope ended.</summary>
    public void Resolved() => _before = Ready;

    /// <summary>The coordinator has given a newer identity.</summary>
    public void Renewed()
    {
        MustRenew = false;
        _before = Ready;
    }

    /// <summary>The scope begins.</summary>
    /// <returns>Its number.</returns>
    public long Begun()
    {
        Move(Ongoing);
        HasWork = false;
        Failure = null;
        Outcome = null;
        return ++Scope;
    }

    /// <summary>The scope did not begin.</summary>
    public void BeginFailed()
    {
        if (State == Starting)
        {
            Move(_before);
        }
    }

    /// <summary>Looks whether a scope takes records and offsets.</summary>
    public void ThrowIfClosed(long scope, string call)
    {
        if (scope != Scope || State != Ongoing)
        {
            throw Refusal(scope, call);
        }
    }

    /// <summary>Why a scope does not allow a call.</summary>
    public Exception Refusal(long scope, string call) => State switch
    {
        Fatal => Failure!,
        _ when scope <= 0 => new TransactionStateException(
            $"{call}: the producer has the TransactionalId '{_id}', so that its records belong into a transaction. Call BeginTransactionAsync and produce by what it returns; for records outside of transactions make a producer without TransactionalId."),
        Failed when scope == Scope => Refused(),
        _ when scope == Scope && State is Committing or Aborting => new TransactionStateException($"{call}: the transaction is {Describe(State)} and takes nothing more. Begin another one."),
        _ => new TransactionStateException($"{call}: the transaction is over. Begin another one by BeginTransactionAsync."),
    };

    /// <summary>What a commit of a failed scope is told.</summary>
    public TransactionException Refused() => new(
        TransactionOutcome.Aborted,
        Failure!.Code,
        $"The transaction of '{_id}' cannot be committed, since something in it failed: {Failure.Message} Abort it (disposing does), and do its work again in another one.",
        Failure);

    /// <summary>The scope is to be committed.</summary>
    public void BeginCommit(long scope)
    {
        if (scope != Scope || !IsLegal(State, Committing))
        {
            throw Refusal(scope, "CommitAsync");
        }

        Move(Committing);
    }

    /// <summary>The scope is to be aborted.</summary>
    public void BeginAbort(long scope)
    {
        if (scope != Scope || !IsLegal(State, Aborting))
        {
            throw Refusal(scope, "AbortAsync");
        }

        Move(Aborting);
    }

    /// <summary>The coordinator is about to be told something of the scope.</summary>
    public void NoteWork() => HasWork = true;

    /// <summary>Something may come late under this identity.</summary>
    public void NoteDoubt() => MustRenew = true;

    /// <summary>Something of the scope failed.</summary>
    /// <returns>Whether this is the first failure of a scope that could still have been committed.</returns>
    public bool Fail(KafkaException why)
    {
        if (!IsLegal(State, Failed))
        {
            return false;
        }

        Failure = why;
        Move(Failed);
        return true;
    }

    /// <summary>Ends the scope if the coordinator knows nothing of it.</summary>
    /// <returns>Whether it has ended.</returns>
    /// <exception cref="KafkaException">Something of it failed meanwhile.</exception>
    public bool TryEndUnasked()
    {
        if (State is not (Committing or Aborting))
        {
            throw State == Fatal ? Failure! : Refused();
        }

        if (!HasWork)
        {
            Ended();
        }

        return !HasWork;
    }

    /// <summary>The scope is over, and the coordinator knows.</summary>
    public void Ended()
    {
        TransactionOutcome outcome = State == Committing ? TransactionOutcome.Committed : TransactionOutcome.Aborted;
        Move(Ready);
        Outcome = outcome;
    }

    /// <summary>The scope is over, but the coordinator has not said so.</summary>
    public void Unresolve(bool wasCommit)
    {
        Move(Unresolved);
        WasCommit = wasCommit;

        // What nobody asked to commit never will be.
        Outcome = wasCommit ? TransactionOutcome.Unknown : TransactionOutcome.Aborted;
    }

    /// <summary>The producer can do nothing more.</summary>
    /// <param name="why">Why.</param>
    /// <param name="mayBeCommitted">Whether the coordinator may have heeded a request to commit the scope.</param>
    /// <returns>Whether that is news.</returns>
    public bool Die(KafkaException why, bool mayBeCommitted = false)
    {
        if (!IsLegal(State, Fatal))
        {
            return false;
        }

        Move(Fatal);
        Failure = why;
        Outcome ??= mayBeCommitted ? TransactionOutcome.Unknown : TransactionOutcome.Aborted;
        return true;
    }

    internal static bool IsLegal(TransactionState from, TransactionState to) => (from, to) switch
    {
        (Uninitialized or Ready or Unresolved, Starting) => true,
        (Starting, Ongoing or Uninitialized or Ready or Unresolved) => true,
        (Ongoing, Committing or Aborting or Failed) => true,
        (Committing, Ready or Unresolved or Failed) => true,
        (Failed, Aborting) => true,
        (Aborting, Ready or Unresolved) => true,
        (not Fatal, Fatal) => true,
        _ => false,
    };

    private static string Describe(TransactionState state) => state switch
    {
        Starting => "about to begin",
        Committing => "being committed",
        Aborting => "being aborted",
        Failed => "failed and not aborted yet",
        _ => "open",
    };

    private void Move(TransactionState to) =>
        State = IsLegal(State, to) ? to : throw new InvalidOperationException($"A transaction was about to go from {State} to {to}.");
}
