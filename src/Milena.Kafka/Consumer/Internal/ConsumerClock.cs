namespace Milena.Kafka.Consumer.Internal;

/// <summary>The time since a consumer was made, by which everything in it goes.</summary>
internal sealed class ConsumerClock
{
    private readonly long _started;

    public ConsumerClock(TimeProvider time)
    {
        Time = time;
        _started = time.GetTimestamp();
    }

    public TimeProvider Time { get; }

    public TimeSpan Now => Time.GetElapsedTime(_started);
}
