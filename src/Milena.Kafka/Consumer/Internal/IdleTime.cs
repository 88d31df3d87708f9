namespace Milena.Kafka.Consumer.Internal;

/// <summary>Adds up the time in which the one reader waits. Begun and ended by the reader, read by anyone.</summary>
internal sealed class IdleTime
{
    private readonly TimeProvider _time;
    private long _ended;
    private long _began;

    public IdleTime(TimeProvider time) => _time = time;

    public TimeSpan Total
    {
        get
        {
            long began = Volatile.Read(ref _began);
            TimeSpan running = began == 0 ? TimeSpan.Zero : _time.GetElapsedTime(began);
            return new TimeSpan(Volatile.Read(ref _ended)) + running;
        }
    }

    public void Begin() => Volatile.Write(ref _began, Math.Max(1, _time.GetTimestamp()));

    public void End()
    {
        long began = _began;
        Volatile.Write(ref _began, 0);
        Volatile.Write(ref _ended, _ended + _time.GetElapsedTime(began).Ticks);
    }
}
