using Milena.Kafka.Testing.Faults;

namespace Milena.Kafka.Testing;

/// <summary>
/// Transactions whose end is decided but not yet written to their partitions. Made by <see cref="TestCluster.HoldTransactions"/>. Thread-safe.
/// </summary>
/// <remarks>
/// EndTxn is answered as always. What comes next for the same transactional id gets CONCURRENT_TRANSACTIONS, readers of committed records see none of
/// the transaction, and its offset commits are pending, until the hold is released.
/// </remarks>
public sealed class TransactionHold : IDisposable
{
    private readonly string? _transactionalId;
    private readonly Action _released;
    private readonly ArrivalCounter _arrived = new();
    private int _isReleased;

    internal TransactionHold(string? transactionalId, Action released)
    {
        _transactionalId = transactionalId;
        _released = released;
    }

    /// <summary>How many transactions have come here, let go or not.</summary>
    public long Arrived => _arrived.Count;

    /// <summary>Whether transactions are let through.</summary>
    public bool IsReleased => Volatile.Read(ref _isReleased) != 0;

    /// <summary>Writes the markers of all that wait, and holds no more. When it returns, those transactions are complete.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
        {
            _released();
        }
    }

    /// <summary>Waits until transactions have come here.</summary>
    /// <param name="count">How many, counted from the beginning.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitForAsync(int count = 1, CancellationToken cancellationToken = default) => _arrived.WaitForAsync(count, cancellationToken);

    /// <summary>The same as <see cref="Release"/>.</summary>
    public void Dispose() => Release();

    internal bool Holds(string transactionalId) => !IsReleased && (_transactionalId is null || _transactionalId == transactionalId);

    internal void Enter() => _arrived.Increment();
}
