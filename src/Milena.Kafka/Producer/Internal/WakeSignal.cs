using System.Threading.Tasks.Sources;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Wakes one loop: when any thread says so, or when a time has come. Signals that come while the loop works are not lost, and count once.</summary>
/// <remarks>The state moves Idle to Set or Waiting to Idle by any thread, Set to Idle and Idle to Waiting by the loop alone.</remarks>
internal sealed class WakeSignal : IValueTaskSource, IDisposable
{
    private const int Idle = 0;
    private const int IsSet = 1;
    private const int Waiting = 2;

    private readonly ProducerClock _clock;
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private TimeSpan _armedFor = TimeSpan.MaxValue;
    private int _state;
    private volatile bool _hasFired;

    public WakeSignal(TimeProvider time, ProducerClock clock)
    {
        _clock = clock;
        _timer = time.CreateTimer(static s => ((WakeSignal)s!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Set()
    {
        // What the caller changed before must be seen by a loop that this call finds set already.
        Interlocked.MemoryBarrier();
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case IsSet:
                    return;
                case Waiting when Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting:
                    _core.SetResult(true);
                    return;
                case Idle when Interlocked.CompareExchange(ref _state, IsSet, Idle) == Idle:
                    return;
                default:
                    continue;
            }
        }
    }

    /// <summary>Loop only: waits for a signal, or until a time on the producer's clock.</summary>
    public ValueTask WaitAsync(TimeSpan until)
    {
        if (Interlocked.CompareExchange(ref _state, Idle, IsSet) == IsSet)
        {
            return default;
        }

        Arm(until);
        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) != Idle)
        {
            Volatile.Write(ref _state, Idle);
            return default;
        }

        return new ValueTask(this, _core.Version);
    }

    public void Dispose() => _timer.Dispose();

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    public void GetResult(short token) => _core.GetResult(token);

    private void OnTimer()
    {
        _hasFired = true;
        Set();
    }

    // A timer that goes off early only costs a look around; setting it for each wait would cost more.
    private void Arm(TimeSpan until)
    {
        TimeSpan now = _clock.Now;
        if (_hasFired)
        {
            // Timers can be ahead of the clock by a moment: what it was set for may still be to come, and it will not come again by itself.
            _hasFired = false;
            _armedFor = TimeSpan.MaxValue;
        }

        if (_armedFor <= until && _armedFor > now)
        {
            return;
        }

        _armedFor = until;
        if (until == TimeSpan.MaxValue)
        {
            return;
        }

        // Timers count whole milliseconds; rounded down, the loop would look too early and again at once.
        double milliseconds = Math.Ceiling(Math.Max(0, (until - now).TotalMilliseconds));
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }
}
