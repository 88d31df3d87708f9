using Milena.Kafka.LoadTest.Measuring;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.LoadTest.Clients;

/// <summary>This client's producer.</summary>
internal sealed class MilenaLoadProducer : ILoadProducer
{
    private readonly KafkaClient _kafka;
    private readonly Producer<byte[]?, byte[]> _producer;
    private readonly string _topic;
    private long _failed;
    private int _measuring;

    public MilenaLoadProducer(LoadSettings settings, LoadTarget target)
    {
        var options = new ProducerOptions
        {
            Acks = settings.Acks,
            Idempotence = settings.Acks == Acks.All,
            Compression = settings.Compression,
        };
        options.Linger = settings.Linger ?? options.Linger;
        options.BatchSize = settings.BatchSize ?? options.BatchSize;
        _kafka = new KafkaClient(target.Options());
        _producer = _kafka.CreateProducer<byte[]?, byte[]>(options);
        _producer.DeliveryFailed += (_, failure) => Interlocked.Add(ref _failed, failure.RecordCount);
        _topic = settings.Topic;
    }

    public long Failed => Interlocked.Read(ref _failed);

    public ValueTask EnqueueAsync(byte[]? key, byte[] value) => _producer.EnqueueAsync(_topic, key, value);

    public ValueTask EnqueueMeasuredAsync(byte[]? key, byte[] value, long since, LatencyRecorder latency)
    {
        Interlocked.Increment(ref _measuring);
        _ = MeasureAsync(_producer.ProduceAsync(_topic, key, value), since, latency);
        return default;
    }

    public IGroupCaller CreateGroupCaller(LatencyRecorder latency, int sampleEvery) => new MilenaGroupCaller(_producer, _topic, latency, sampleEvery);

    public async Task FlushAsync()
    {
        await _producer.FlushAsync();
        while (Volatile.Read(ref _measuring) > 0)
        {
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _producer.DisposeAsync();
        await _kafka.DisposeAsync();
    }

    private async Task MeasureAsync(ValueTask<DeliveryResult> delivery, long since, LatencyRecorder latency)
    {
        try
        {
            await delivery;
            latency.RecordSince(since);
        }
        catch (KafkaException)
        {
            Interlocked.Increment(ref _failed);
        }
        finally
        {
            Interlocked.Decrement(ref _measuring);
        }
    }
}
