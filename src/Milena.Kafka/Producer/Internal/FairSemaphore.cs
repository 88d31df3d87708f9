namespace Milena.Kafka.Producer.Internal;

/// <summary>An amount that is taken and given back. Who finds too little of it waits, in order of arrival.</summary>
internal sealed class FairSemaphore
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private long _available;
    private int _waiting;

    public FairSemaphore(long amount) => _available = amount;

    public bool HasWaiters => Volatile.Read(ref _waiting) > 0;

    public long Available => Volatile.Read(ref _available);

    /// <summary>Takes an amount if it is there and nobody waits.</summary>
    public bool TryTake(long amount)
    {
        lock (_gate)
        {
            if (_waiters.Count > 0 || _available < amount)
            {
                return false;
            }

            _available -= amount;
            return true;
        }
    }

    /// <summary>Takes an amount; the place in the queue is that of the call.</summary>
    /// <exception cref="TimeoutException">It was not there in time.</exception>
    /// <exception cref="OperationCanceledException">The token was set off first; nothing was taken.</exception>
    public ValueTask TakeAsync(long amount, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> node;
        lock (_gate)
        {
            if (_waiters.Count == 0 && _available >= amount)
            {
                _available -= amount;
                return default;
            }

            node = _waiters.AddLast(new Waiter(amount));
            _waiting++;
        }

        return WaitAsync(node, timeout, time, cancellationToken);
    }

    public void Release(long amount)
    {
        lock (_gate)
        {
            Grant(_available + amount);
        }
    }

    private async ValueTask WaitAsync(LinkedListNode<Waiter> node, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            TimeSpan bounded = timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero;
            await node.Value.Granted.Task.WaitAsync(bounded, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception end) when (end is TimeoutException or OperationCanceledException)
        {
            lock (_gate)
            {
                if (node.List is null)
                {
                    // It was granted at the same moment; what is taken is used.
                    return;
                }

                _waiters.Remove(node);
                _waiting--;
                Grant(_available);
            }

            throw;
        }
    }

    /// <summary>Serves those who wait out of an amount; what is left becomes available.</summary>
    private void Grant(long amount)
    {
        while (_waiters.First is { } first && first.Value.Amount <= amount)
        {
            amount -= first.Value.Amount;
            _waiters.RemoveFirst();
            _waiting--;
            first.Value.Granted.SetResult();
        }

        // Written once: who looks without the lock must not see what is about to be handed on, or it would overtake.
        Volatile.Write(ref _available, amount);
    }

    private sealed class Waiter(long amount)
    {
        public long Amount { get; } = amount;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
