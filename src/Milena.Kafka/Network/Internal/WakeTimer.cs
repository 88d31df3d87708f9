namespace Milena.Kafka.Network.Internal;

/// <summary>Calls back once at the earliest of the times that were asked for. Any thread may ask.</summary>
internal sealed class WakeTimer : IDisposable
{
    // Timers refuse longer waits than 49 days; the callback asks again anyway.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly Action _callback;
    private readonly ITimer _timer;
    private readonly long _start;
    private long _due = long.MaxValue;

    /// <summary>Starts the clock.</summary>
    /// <param name="timeProvider">Where the time comes from.</param>
    /// <param name="callback">Called on a thread of the pool; must not throw.</param>
    public WakeTimer(TimeProvider timeProvider, Action callback)
    {
        _timeProvider = timeProvider;
        _callback = callback;
        _start = timeProvider.GetTimestamp();
        _timer = timeProvider.CreateTimer(static state => ((WakeTimer)state!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time since the start.</summary>
    public TimeSpan Now => _timeProvider.GetElapsedTime(_start);

    /// <summary>Asks for a call not later than a time.</summary>
    /// <param name="time">On the clock of <see cref="Now"/>.</param>
    public void WakeAt(TimeSpan time)
    {
        // Nearly always an earlier call has been asked for.
        if (time.Ticks >= Volatile.Read(ref _due))
        {
            return;
        }

        lock (_gate)
        {
            if (time.Ticks < _due)
            {
                Volatile.Write(ref _due, time.Ticks);
                TimeSpan wait = time - Now;
                _timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void OnDue()
    {
        lock (_gate)
        {
            Volatile.Write(ref _due, long.MaxValue);
        }

        _callback();
    }
}
