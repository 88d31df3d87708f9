using System.Text;

namespace Milena.Kafka.Tests.Interop;

/// <summary>The transactional producer of librdkafka. Its calls block; each answers with what went wrong, or null.</summary>
internal sealed class LibrdkafkaTransactions(string bootstrapServers, string transactionalId) : IDisposable
{
    private const int TimeoutMs = 30_000;
    private const int CopiesValue = 2;

    private nint _client = Librdkafka.NewProducer(
        ("bootstrap.servers", bootstrapServers),
        ("transactional.id", transactionalId),
        ("transaction.timeout.ms", "60000"),
        ("reconnect.backoff.max.ms", "200"),
        ("linger.ms", "0"));

    public static bool IsAvailable(out string reason) => LibrdkafkaMockCluster.IsAvailable(out reason);

    public Task<string?> InitializeAsync() => Task.Run(() => Librdkafka.Take(Librdkafka.InitTransactions(_client, TimeoutMs)));

    public string? Begin() => Librdkafka.Take(Librdkafka.BeginTransaction(_client));

    public void Produce(string topic, int partition, string value)
    {
        nint handle = Librdkafka.NewTopic(_client, topic, 0);
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        int result = Librdkafka.Produce(handle, partition, CopiesValue, bytes, (nuint)bytes.Length, 0, 0, 0);
        Librdkafka.DestroyTopic(handle);
        Assert.That(result, Is.Zero, "rd_kafka_produce");
    }

    public Task FlushAsync() => Task.Run(() => Assert.That(Librdkafka.Flush(_client, TimeoutMs), Is.Zero, "rd_kafka_flush"));

    public Task<string?> SendOffsetAsync(string groupId, string topic, int partition, long offset) => Task.Run(() =>
    {
        nint group = Librdkafka.NewGroupMetadata(groupId);
        nint list = Librdkafka.NewPartitionList(1);
        Librdkafka.AddPartition(list, topic, partition);
        Assert.That(Librdkafka.SetOffset(list, topic, partition, offset), Is.Zero);
        string? error = Librdkafka.Take(Librdkafka.SendOffsets(_client, list, group, TimeoutMs));
        Librdkafka.DestroyPartitionList(list);
        Librdkafka.DestroyGroupMetadata(group);
        return error;
    });

    public Task<string?> CommitAsync() => Task.Run(() => Librdkafka.Take(Librdkafka.CommitTransaction(_client, TimeoutMs)));

    public Task<string?> AbortAsync() => Task.Run(() => Librdkafka.Take(Librdkafka.AbortTransaction(_client, TimeoutMs)));

    /// <summary>Runs a whole transaction.</summary>
    /// <returns>What went wrong at its end; anything before that fails the test.</returns>
    public async Task<string?> RunAsync(string topic, string groupId, OutsideTransaction transaction)
    {
        Assert.That(Begin(), Is.Null);
        foreach ((int partition, string value) in transaction.Values)
        {
            Produce(topic, partition, value);
        }

        await FlushAsync();
        Assert.That(await SendOffsetAsync(groupId, topic, 0, transaction.Offset), Is.Null);
        return await (transaction.Commit ? CommitAsync() : AbortAsync());
    }

    public void Dispose()
    {
        if (_client != 0)
        {
            Librdkafka.Destroy(_client);
            _client = 0;
        }
    }
}
