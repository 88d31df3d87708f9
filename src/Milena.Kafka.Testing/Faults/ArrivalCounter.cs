namespace Milena.Kafka.Testing.Faults;

/// <summary>Counts arrivals and wakes those who wait for a certain number. Thread-safe.</summary>
internal sealed class ArrivalCounter
{
    private readonly Lock _gate = new();
    private readonly List<(long Count, TaskCompletionSource Reached)> _waiters = [];
    private long _count;

    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    public void Increment()
    {
        lock (_gate)
        {
            _count++;
            _waiters.RemoveAll(waiter => _count >= waiter.Count && waiter.Reached.TrySetResult());
        }
    }

    public Task WaitForAsync(long count, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_count >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }
}
