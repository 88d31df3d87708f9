using Confluent.Kafka;

namespace Milena.Kafka.LoadTest.Clients;

/// <summary>Confluent.Kafka's consumer, with its own limits raised out of the way.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <typeparam name="TLength">Says how long values are.</typeparam>
internal sealed class ConfluentLoadConsumer<TKey, TValue, TLength> : ILoadConsumer
    where TLength : ILength<TValue>
{
    private readonly IConsumer<TKey, TValue> _consumer;
    private long _bytes;

    public ConfluentLoadConsumer(LoadSettings settings, LoadTarget target)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = target.Bootstrap,
            SecurityProtocol = target.AuthorityPem is null ? Confluent.Kafka.SecurityProtocol.Plaintext : Confluent.Kafka.SecurityProtocol.Ssl,
            SslCaPem = target.AuthorityPem,
            GroupId = settings.NewGroupId(),
            EnableAutoCommit = settings.GroupProtocol is not null,
            EnableAutoOffsetStore = settings.GroupProtocol is not null,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            CheckCrcs = true,

            // With its defaults it waits for a second whenever 100,000 messages are queued.
            QueuedMinMessages = 1_000_000,
        };
        config.Set("fetch.queue.backoff.ms", "5");
        if (!settings.IsLone)
        {
            config.FetchWaitMaxMs = (int)settings.FetchMaxWait.TotalMilliseconds;
        }

        if (settings.GroupProtocol == Milena.Kafka.GroupProtocol.Consumer)
        {
            config.Set("group.protocol", "consumer");
        }

        _consumer = new ConsumerBuilder<TKey, TValue>(config).SetLogHandler((_, log) => Console.Error.WriteLine(log.Message)).Build();
        if (settings.GroupProtocol is null)
        {
            _consumer.Assign(Enumerable.Range(0, settings.Partitions).Select(p => new TopicPartitionOffset(settings.Topic, p, Offset.Beginning)));
        }
        else
        {
            _consumer.Subscribe(settings.Topic);
        }
    }

    public Task<long> ConsumeAsync(long records)
    {
        for (long i = 0; i < records; i++)
        {
            _bytes += TLength.Of(_consumer.Consume().Message.Value);
        }

        return Task.FromResult(records);
    }

    public void Rewind()
    {
        foreach (Confluent.Kafka.TopicPartition partition in _consumer.Assignment)
        {
            _consumer.Seek(new TopicPartitionOffset(partition, Offset.Beginning));
        }
    }

    public ValueTask DisposeAsync()
    {
        _consumer.Close();
        _consumer.Dispose();
        return default;
    }
}
