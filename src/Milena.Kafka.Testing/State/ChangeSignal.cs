namespace Milena.Kafka.Testing.State;

/// <summary>Wakes one waiter when something that it watches has changed, or when its time is over. Thread-safe.</summary>
internal sealed class ChangeSignal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private TaskCompletionSource? _waiter;
    private bool _isSet;
    private bool _isExpired;

    public ChangeSignal(TimeProvider time, TimeSpan limit)
    {
        _timer = time.CreateTimer(static state => ((ChangeSignal)state!).Expire(), this, limit, Timeout.InfiniteTimeSpan);
    }

    public bool IsExpired
    {
        get
        {
            lock (_gate)
            {
                return _isExpired;
            }
        }
    }

    public void Set()
    {
        lock (_gate)
        {
            _isSet = _waiter is null;
            _waiter?.TrySetResult();
            _waiter = null;
        }
    }

    /// <summary>Waits for the next change; one that came since the last wait counts.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isSet || _isExpired)
            {
                _isSet = false;
                return Task.CompletedTask;
            }

            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiter.Task.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Expire()
    {
        lock (_gate)
        {
            _isExpired = true;
            _waiter?.TrySetResult();
            _waiter = null;
        }
    }
}
