namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>One transaction of a producer, as its user holds it: what goes with it, the calls that end it, and how it ended. Any thread.</summary>
internal sealed class TransactionScope(long number)
{
    private const int NotEnded = -1;

    private volatile int _outcome = NotEnded;

    /// <summary>The number of the scope; the first is 1.</summary>
    public long Number { get; } = number;

    /// <summary>The calls that a commit waits for.</summary>
    public PendingCalls Calls { get; } = new();

    /// <summary>The offsets that go with it.</summary>
    public TransactionOffsets Offsets { get; } = new();

    /// <summary>The commit, once it was asked for. Guarded by <see cref="TransactionStatus"/>.</summary>
    public ScopeEnd? Commit { get; set; }

    /// <summary>The abort, once it was asked for. Guarded by <see cref="TransactionStatus"/>.</summary>
    public ScopeEnd? Abort { get; set; }

    /// <summary>How it ended; null before its end.</summary>
    public TransactionOutcome? Outcome
    {
        get => _outcome is var known and not NotEnded ? (TransactionOutcome)known : null;
        set => _outcome = value is { } outcome ? (int)outcome : NotEnded;
    }
}
