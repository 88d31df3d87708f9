namespace Milena.Kafka.Tests.Support;

/// <summary>A clock that stands still until a test moves it; due timers run on the thread that moves it.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private readonly List<(TimeSpan DueIn, TaskCompletionSource Set)> _lengthWaiters = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether a timer that is due at once is a fault: it runs on a thread of its own, and what is to be the same each time would not be.</summary>
    public bool IsStrict { get; init; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that are set.</summary>
    public int SetTimers
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock; timers run in the order of their time.</summary>
    public void Advance(TimeSpan by)
    {
        DateTimeOffset target = GetUtcNow() + by;
        while (TakeDue(target) is { } due)
        {
            due.Run();
        }

        lock (_gate)
        {
            _now = target;
        }
    }

    /// <summary>Ends when at least so many timers are set.</summary>
    public Task WhenTimersSetAsync(int count)
    {
        lock (_gate)
        {
            if (_timers.Count >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task;
        }
    }

    /// <summary>Ends when the next timer of this length is set.</summary>
    public Task WhenNextSetAsync(TimeSpan dueIn)
    {
        lock (_gate)
        {
            var set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _lengthWaiters.Add((dueIn, set));
            return set.Task;
        }
    }

    private ManualTimer? TakeDue(DateTimeOffset target)
    {
        lock (_gate)
        {
            ManualTimer? first = _timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
            if (first is null)
            {
                return null;
            }

            _now = first.Due > _now ? first.Due : _now;
            if (first.Period > TimeSpan.Zero)
            {
                first.Due += first.Period;
            }
            else
            {
                _timers.Remove(first);
            }

            return first;
        }
    }

    private bool Set(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return true;
            }

            if (dueTime <= TimeSpan.Zero && period <= TimeSpan.Zero)
            {
                if (IsStrict)
                {
                    throw new InvalidOperationException("A timer that is due at once.");
                }

                // Due at once, as a loop asks that was overtaken by the clock: a real timer goes off as well.
                ThreadPool.QueueUserWorkItem(static t => t.Run(), timer, preferLocal: false);
                return true;
            }

            timer.Due = _now + dueTime;
            timer.Period = period;
            _timers.Add(timer);
            foreach ((TimeSpan dueIn, TaskCompletionSource set) in _lengthWaiters.Where(w => w.DueIn == dueTime))
            {
                set.TrySetResult();
            }

            _lengthWaiters.RemoveAll(w => w.DueIn == dueTime);
            foreach ((int count, TaskCompletionSource reached) in _waiters)
            {
                if (_timers.Count >= count)
                {
                    reached.TrySetResult();
                }
            }

            return true;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; set; }

        public void Run() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => owner.Set(this, dueTime, period);

        public void Dispose() => owner.Set(this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
