namespace Milena.Kafka.Producer.Internal;

/// <summary>Time since the producer was made, by a clock that never goes back.</summary>
internal sealed class ProducerClock
{
    private readonly TimeProvider _time;
    private readonly long _origin;

    public ProducerClock(TimeProvider time)
    {
        _time = time;
        _origin = time.GetTimestamp();
    }

    public TimeSpan Now => _time.GetElapsedTime(_origin);
}
