namespace Milena.Kafka.Consumer.Internal;

/// <summary>A latch that one loop waits on and any thread sets. A set that comes before the wait is not lost; several count as one.</summary>
internal sealed class Wakeup
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiter;
    private bool _isSet;

    public void Set()
    {
        lock (_gate)
        {
            if (_waiter is null)
            {
                _isSet = true;
            }
            else
            {
                _waiter.TrySetResult();
                _waiter = null;
            }
        }
    }

    /// <summary>Waits until the latch is set or time is over, whichever comes first.</summary>
    /// <exception cref="OperationCanceledException">The token was set off.</exception>
    public async ValueTask WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (_isSet)
            {
                _isSet = false;
                return;
            }

            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiter = waiter;
        }

        await waiter.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            // Time may be over; a set from now on must be kept for the next wait.
            _waiter = null;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }
}
