using Milena.Kafka.Common;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Wakes one loop: when any thread says so, or when a time has come. Signals that come while the loop works are not lost, and count once.</summary>
internal sealed class WakeSignal : IDisposable
{
    private readonly LoopSignal _signal = new();
    private readonly ProducerClock _clock;
    private readonly ITimer _timer;
    private TimeSpan _armedFor = TimeSpan.MaxValue;
    private volatile bool _hasFired;

    public WakeSignal(TimeProvider time, ProducerClock clock)
    {
        _clock = clock;
        _timer = time.CreateTimer(static s => ((WakeSignal)s!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc cref="LoopSignal.Set"/>
    public void Set() => _signal.Set();

    /// <inheritdoc cref="LoopSignal.SetInline"/>
    public void SetInline() => _signal.SetInline();

    /// <summary>Loop only: waits for a signal, or until a time on the producer's clock.</summary>
    public ValueTask WaitAsync(TimeSpan until)
    {
        if (_signal.TryTake())
        {
            return default;
        }

        Arm(until);
        return _signal.WaitAsync();
    }

    public void Dispose() => _timer.Dispose();

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
