namespace Milena.Kafka.Testing.Transactions;

/// <summary>What keeps transactions between their decision and their markers. Thread-safe.</summary>
internal sealed class CompletionHolds
{
    private readonly Lock _gate = new();
    private readonly List<TransactionHold> _holds = [];

    public void Add(TransactionHold hold)
    {
        lock (_gate)
        {
            _holds.Add(hold);
        }
    }

    /// <summary>Whether a transaction must wait.</summary>
    /// <param name="transactionalId">Whose.</param>
    /// <param name="isNew">Whether it comes for the first time.</param>
    public bool Blocks(string transactionalId, bool isNew)
    {
        lock (_gate)
        {
            _holds.RemoveAll(hold => hold.IsReleased);
            TransactionHold? hold = _holds.Find(hold => hold.Holds(transactionalId));
            if (isNew)
            {
                hold?.Enter();
            }

            return hold is not null;
        }
    }

    public void ReleaseAll()
    {
        TransactionHold[] all;
        lock (_gate)
        {
            all = [.. _holds];
        }

        // Outside the lock: a release sets transactions going that come back here.
        Array.ForEach(all, hold => hold.Release());
    }
}
