using Confluent.Kafka;
using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest.Clients;

/// <summary>Confluent.Kafka's producer, with the same guarantees and its own limits raised out of the way.</summary>
internal sealed class ConfluentLoadProducer : ILoadProducer
{
    // Sleeping at a full queue costs nothing; the queue lasts for longer than this at any rate.
    private static readonly TimeSpan FullQueuePause = TimeSpan.FromMilliseconds(10);

    private readonly IProducer<byte[]?, byte[]> _producer;
    private readonly string _topic;
    private long _failed;
    private int _measuring;

    public ConfluentLoadProducer(LoadSettings settings, LoadTarget target)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = target.Bootstrap,
            SecurityProtocol = target.AuthorityPem is null ? Confluent.Kafka.SecurityProtocol.Plaintext : Confluent.Kafka.SecurityProtocol.Ssl,
            SslCaPem = target.AuthorityPem,
            Acks = settings.Acks switch
            {
                Protocol.Acks.None => Confluent.Kafka.Acks.None,
                Protocol.Acks.Leader => Confluent.Kafka.Acks.Leader,
                _ => Confluent.Kafka.Acks.All,
            },
            EnableIdempotence = settings.Acks == Protocol.Acks.All,
            CompressionType = (Confluent.Kafka.CompressionType)(int)settings.Compression,
            LingerMs = settings.Linger?.TotalMilliseconds,
            BatchSize = settings.BatchSize,
            BatchNumMessages = 1_000_000,
            QueueBufferingMaxMessages = 1_000_000,
            QueueBufferingMaxKbytes = 1024 * 1024,
            MessageMaxBytes = 1_048_588,
            DeliveryReportFields = "none",
        };
        _producer = new ProducerBuilder<byte[]?, byte[]>(config).SetLogHandler((_, log) => Console.Error.WriteLine(log.Message)).Build();
        _topic = settings.Topic;
    }

    public long Failed => Interlocked.Read(ref _failed);

    public async ValueTask EnqueueAsync(byte[]? key, byte[] value)
    {
        while (!TryProduce(key, value, null))
        {
            await Task.Delay(FullQueuePause);
        }
    }

    public async ValueTask EnqueueMeasuredAsync(byte[]? key, byte[] value, long since, LatencyRecorder latency)
    {
        Interlocked.Increment(ref _measuring);
        while (!TryProduce(key, value, OnDelivered))
        {
            await Task.Delay(FullQueuePause);
        }

        void OnDelivered(DeliveryReport<byte[]?, byte[]> report)
        {
            if (report.Error.IsError)
            {
                Interlocked.Increment(ref _failed);
            }
            else
            {
                latency.RecordSince(since);
            }

            Interlocked.Decrement(ref _measuring);
        }
    }

    public IGroupCaller CreateGroupCaller(LatencyRecorder latency, int sampleEvery) => new ConfluentGroupCaller(_producer, _topic, latency, sampleEvery);

    public async Task FlushAsync()
    {
        while (_producer.Flush(TimeSpan.FromSeconds(10)) > 0)
        {
            // Some are on their way still.
        }

        while (Volatile.Read(ref _measuring) > 0)
        {
            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync()
    {
        _producer.Dispose();
        return default;
    }

    private bool TryProduce(byte[]? key, byte[] value, Action<DeliveryReport<byte[]?, byte[]>>? handler)
    {
        try
        {
            _producer.Produce(_topic, new Message<byte[]?, byte[]> { Key = key, Value = value }, handler);
            return true;
        }
        catch (ProduceException<byte[]?, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false;
        }
    }
}
