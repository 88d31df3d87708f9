namespace Milena.Kafka.Admin.Internal;

/// <summary>The end of a call that asks more than once: its time is that of all questions together.</summary>
internal readonly struct Deadline
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly long _started;

    public Deadline(TimeProvider time, TimeSpan limit)
    {
        _time = time;
        _limit = limit;
        _started = time.GetTimestamp();
    }

    public TimeSpan Left => _limit - _time.GetElapsedTime(_started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
