namespace Milena.Kafka.Producer.Internal;

/// <summary>The time that records get, in milliseconds since 1970. Any thread.</summary>
internal sealed class RecordClock
{
    private readonly TimeProvider _time;

    public RecordClock(TimeProvider time) => _time = time;

    public long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
