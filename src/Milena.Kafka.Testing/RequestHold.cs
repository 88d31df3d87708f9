using Milena.Kafka.Testing.Faults;

namespace Milena.Kafka.Testing;

/// <summary>Requests that wait in a broker until they are let go. Made by <see cref="TestCluster.Hold"/>. Thread-safe.</summary>
/// <remarks>While a request waits, its connection serves nothing else, as a broker answers one request after the other.</remarks>
public sealed class RequestHold : IDisposable
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ArrivalCounter _arrived = new();

    internal RequestHold()
    {
    }

    /// <summary>How many requests have come here, let go or not.</summary>
    public long Arrived => _arrived.Count;

    /// <summary>Whether requests are let through.</summary>
    public bool IsReleased => _released.Task.IsCompleted;

    /// <summary>Lets all go that wait, and all that are still to come.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Waits until requests have come here.</summary>
    /// <param name="count">How many, counted from the beginning.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitForAsync(int count = 1, CancellationToken cancellationToken = default) => _arrived.WaitForAsync(count, cancellationToken);

    /// <summary>The same as <see cref="Release"/>.</summary>
    public void Dispose() => Release();

    internal Task EnterAsync(CancellationToken cancellationToken)
    {
        _arrived.Increment();
        return _released.Task.WaitAsync(cancellationToken);
    }
}
