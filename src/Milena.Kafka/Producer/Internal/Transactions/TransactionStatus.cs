namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Where the transactions of one producer stand: the machine under its lock, and what hot paths read without it. Any thread.</summary>
internal sealed class TransactionStatus
{
    private const long NoScope = -1;

    private readonly Lock _gate = new();
    private readonly TransactionMachine _machine;
    private long _openScope = NoScope;
    private volatile bool _isGivingUp;
    private volatile TransactionProtocol _protocol = TransactionProtocol.First;

    public TransactionStatus(string id)
    {
        Id = id;
        _machine = new TransactionMachine(id);
    }

    /// <summary>The transactional id.</summary>
    public string Id { get; }

    /// <summary>The scope that began last; null before the first.</summary>
    public TransactionScope? Scope { get; private set; }

    /// <summary>The number of the scope whose records are taken; read under the gate of a queue.</summary>
    public long OpenScope => Volatile.Read(ref _openScope);

    /// <summary>Whether batches that come back are to fail rather than to go again: nothing of the scope can be committed any more.</summary>
    public bool IsGivingUp => _isGivingUp;

    /// <summary>The generation that the coordinator speaks.</summary>
    public TransactionProtocol Protocol { get => _protocol; set => _protocol = value; }

    /// <summary>Makes a move of the machine, or asks it something. The scope learns of its end.</summary>
    public TResult Do<TResult>(Func<TransactionMachine, TResult> step)
    {
        lock (_gate)
        {
            TResult result = step(_machine);
            if (Scope is { Outcome: null } open)
            {
                open.Outcome = _machine.Outcome;
            }

            return result;
        }
    }

    /// <inheritdoc cref="Do{TResult}"/>
    public void Do(Action<TransactionMachine> step) => Do(machine =>
    {
        step(machine);
        return true;
    });

    /// <summary>A scope begins, and takes records from now on.</summary>
    public TransactionScope Begin()
    {
        lock (_gate)
        {
            Scope = new TransactionScope(_machine.Begun());
            _isGivingUp = false;
            Volatile.Write(ref _openScope, Scope.Number);
            return Scope;
        }
    }

    /// <summary>The scope takes no more records.</summary>
    public void Seal() => Volatile.Write(ref _openScope, NoScope);

    /// <summary>The scope takes no more records, and none of it can be committed any more.</summary>
    public void GiveUp()
    {
        Seal();
        _isGivingUp = true;
    }
}
