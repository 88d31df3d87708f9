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
        Task woken;
        lock (_gate)
        {
            if (_isSet)
            {
                _isSet = false;
                return;
            }

            _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            woken = _waiter.Task;
        }

        await woken.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
