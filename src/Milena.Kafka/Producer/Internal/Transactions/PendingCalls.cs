namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Counts the calls of a scope whose records wait for metadata or room, so that a commit waits for them. Any thread.</summary>
internal sealed class PendingCalls
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _none;
    private int _count;

    /// <summary>A call begins that a commit must wait for; <see cref="Leave"/> ends it.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            _count++;
        }
    }

    /// <summary>Waits for a record to be accepted, as one of those that a commit waits for.</summary>
    /// <param name="accepting">The acceptance.</param>
    /// <param name="onRefused">Told why it was refused, before the commit goes on.</param>
    public async ValueTask<AcceptedRecord> WatchAsync(ValueTask<AcceptedRecord> accepting, Action<Exception> onRefused)
    {
        Enter();
        try
        {
            return await accepting.ConfigureAwait(false);
        }
        catch (Exception refusal)
        {
            onRefused(refusal);
            throw;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Ends when no call waits.</summary>
    public Task WhenNone()
    {
        lock (_gate)
        {
            return _count == 0 ? Task.CompletedTask : (_none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>A call has ended.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _none?.TrySetResult();
                _none = null;
            }
        }
    }
}
