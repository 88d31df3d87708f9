using Confluent.Kafka;

namespace Milena.Kafka.LoadTest.Clients;

/// <summary>Confluent.Kafka's consumer of all partitions of a topic, from their beginning.</summary>
internal sealed class ConfluentLoadConsumer : ILoadConsumer
{
    private readonly IConsumer<byte[]?, byte[]> _consumer;
    private long _bytes;

    public ConfluentLoadConsumer(LoadSettings settings, LoadTarget target)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = target.Bootstrap,
            SecurityProtocol = target.AuthorityPem is null ? Confluent.Kafka.SecurityProtocol.Plaintext : Confluent.Kafka.SecurityProtocol.Ssl,
            SslCaPem = target.AuthorityPem,
            GroupId = "load-test",
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            CheckCrcs = true,

            // With its defaults it waits for a second whenever 100,000 messages are queued.
            QueuedMinMessages = 1_000_000,
        };
        config.Set("fetch.queue.backoff.ms", "5");
        _consumer = new ConsumerBuilder<byte[]?, byte[]>(config).SetLogHandler((_, log) => Console.Error.WriteLine(log.Message)).Build();
        _consumer.Assign(Enumerable.Range(0, settings.Partitions).Select(p => new TopicPartitionOffset(settings.Topic, p, Offset.Beginning)));
    }

    public Task<long> ConsumeAsync(long records)
    {
        for (long i = 0; i < records; i++)
        {
            _bytes += _consumer.Consume().Message.Value.Length;
        }

        return Task.FromResult(records);
    }

    public ValueTask DisposeAsync()
    {
        _consumer.Dispose();
        return default;
    }
}
