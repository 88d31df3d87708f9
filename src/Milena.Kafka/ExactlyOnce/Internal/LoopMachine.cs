using static Milena.Kafka.ExactlyOnce.Internal.LoopState;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>The legal moves of an exactly-once loop, and what it does next. Pure: no I/O, clock or lock; guarded by its <see cref="LoopControl"/>.</summary>
internal sealed class LoopMachine
{
    private readonly TimeSpan _commitInterval;
    private readonly HashSet<TopicPartition> _read = [];
    private TimeSpan _since;
    private bool _isWanted;
    private bool _isStopping;

    /// <param name="commitInterval">How long a transaction takes batches; zero for one batch.</param>
    public LoopMachine(TimeSpan commitInterval) => _commitInterval = commitInterval;

    public LoopState State { get; private set; }

    /// <summary>Why the transaction is to be aborted; null if it is not.</summary>
    public AbortCause? Doom { get; private set; }

    /// <summary>Whether nothing is in the transaction that anybody could wait for.</summary>
    public bool IsEmpty => _read.Count == 0;

    public LoopStep Next(TimeSpan now) => State switch
    {
        Idle or Ready when _isStopping => LoopStep.End,
        Idle => LoopStep.Begin,
        Filled when Doom is not null => LoopStep.Abort,
        Filled when _isStopping || _isWanted || now - _since >= _commitInterval => LoopStep.Commit,
        Ready or Filled => LoopStep.Read,
        Doomed => LoopStep.Abort,
        Unresolved => LoopStep.Resolve,
        Ended => LoopStep.End,
        _ => throw new InvalidOperationException($"A loop that is {State} does one thing already."),
    };

    /// <summary>When to commit although no further batch has come; null for never.</summary>
    public TimeSpan? DueAt => State == Filled ? _since + _commitInterval : null;

    /// <summary>There is a transaction.</summary>
    public void Begun() => Move(Ready);

    /// <summary>The handler is given a batch.</summary>
    public void Take(TopicPartition partition, TimeSpan now)
    {
        Move(Handling);
        if (_read.Count == 0)
        {
            _since = now;
        }

        _read.Add(partition);
    }

    /// <summary>The handler has finished the batch.</summary>
    public void Finished() => Move(Doom is null ? Filled : Doomed);

    /// <summary>The transaction cannot be committed. The first reason counts.</summary>
    public void Fail(AbortCause cause)
    {
        Doom ??= cause;
        Move(Doomed);
    }

    /// <summary>Partitions are to go to another member.</summary>
    /// <returns>Whether the transaction has to end before.</returns>
    public bool Leave(IEnumerable<TopicPartition> partitions)
    {
        bool isConcerned = _read.Overlaps(partitions);
        _isWanted |= isConcerned;
        return isConcerned;
    }

    /// <summary>Partitions are gone. A commit that is under way is judged by the coordinator.</summary>
    public void Lose(IEnumerable<TopicPartition> partitions)
    {
        if (State is Handling or Filled && _read.Overlaps(partitions))
        {
            Doom ??= AbortCause.Rebalance;
        }
    }

    /// <summary>No further batch is begun.</summary>
    public void Stop() => _isStopping = true;

    /// <summary>The transaction is to be committed.</summary>
    /// <returns>Whether it still can be.</returns>
    public bool CommitBegins()
    {
        Move(Doom is null ? Committing : Doomed);
        return State == Committing;
    }

    /// <summary>The transaction is to be aborted.</summary>
    /// <returns>Why.</returns>
    public AbortCause AbortBegins()
    {
        AbortCause cause = Doom ?? throw new InvalidOperationException("Nothing speaks against the transaction.");
        if (State != Doomed)
        {
            Move(Doomed);
        }

        return cause;
    }

    /// <summary>The coordinator does not say whether the transaction is committed.</summary>
    public void Unknown() => Move(Unresolved);

    /// <summary>The transaction is over, one way or the other.</summary>
    public void Settled()
    {
        Move(Idle);
        _read.Clear();
        _isWanted = false;
        Doom = null;
    }

    /// <summary>The loop is over, whatever became of its transaction.</summary>
    public void End()
    {
        if (State != Ended)
        {
            Move(Ended);
        }

        _read.Clear();
    }

    internal static bool IsLegal(LoopState from, LoopState to) => (from, to) switch
    {
        (Idle, Ready) => true,
        (Ready or Filled, Handling) => true,
        (Handling, Filled) => true,
        (Filled, Committing) => true,
        (Ready or Handling or Filled or Committing, Doomed) => true,
        (Committing, Unresolved) => true,
        (Committing or Unresolved or Doomed, Idle) => true,
        (not Ended, Ended) => true,
        _ => false,
    };

    private void Move(LoopState to) =>
        State = IsLegal(State, to) ? to : throw new InvalidOperationException($"An exactly-once loop was about to go from {State} to {to}.");
}
