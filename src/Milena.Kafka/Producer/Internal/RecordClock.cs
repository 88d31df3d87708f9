namespace Milena.Kafka.Producer.Internal;

/// <summary>The time that records get, in milliseconds since 1970. Any thread.</summary>
/// <remarks>
/// Reading the system's clock takes longer than writing a record of 100 bytes. A thread that accepts many records within a millisecond reads it once for a
/// few of them. The tick count, which is cheap to read, tells when time has gone on: after a pause the clock is always read.
/// </remarks>
internal sealed class RecordClock
{
    private const int LongestRun = 32;

    [ThreadStatic]
    private static Reading _ofThread;

    private readonly TimeProvider _time;
    private readonly bool _isSystem;

    public RecordClock(TimeProvider time)
    {
        _time = time;
        _isSystem = ReferenceEquals(time, TimeProvider.System);
    }

    public long Now => _isSystem ? SystemNow() : _time.GetUtcNow().ToUnixTimeMilliseconds();

    private long SystemNow()
    {
        ref Reading last = ref _ofThread;
        long tick = Environment.TickCount64;
        if (last.Left > 0 && last.Tick == tick)
        {
            last.Left--;
            return last.Milliseconds;
        }

        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();

        // Only where the last run was over within a millisecond will the next one be.
        last.Left = now - last.Milliseconds is 0 or 1 ? LongestRun - 1 : 0;
        last.Milliseconds = now;
        last.Tick = tick;
        return now;
    }

    private struct Reading
    {
        public long Tick;
        public long Milliseconds;
        public int Left;
    }
}
