using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest.Clients;

/// <summary>A producer as the load test drives it. Any thread.</summary>
internal interface ILoadProducer : IAsyncDisposable
{
    /// <summary>Records that were not delivered.</summary>
    long Failed { get; }

    /// <summary>Accepts a record; nobody waits for its delivery.</summary>
    ValueTask EnqueueAsync(byte[]? key, byte[] value);

    /// <summary>Accepts a record and notes, once it is delivered, the time since a timestamp.</summary>
    ValueTask EnqueueMeasuredAsync(byte[]? key, byte[] value, long since, LatencyRecorder latency);

    /// <summary>Makes a caller that awaits groups of deliveries. It is used by one caller at a time.</summary>
    IGroupCaller CreateGroupCaller(LatencyRecorder latency, int sampleEvery);

    Task FlushAsync();
}
