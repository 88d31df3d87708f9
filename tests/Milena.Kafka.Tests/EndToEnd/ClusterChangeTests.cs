using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>A client that lives through changes of its cluster: what brokers hint at, what grows old.</summary>
[CancelAfter(30_000)]
public class ClusterChangeTests
{
    private const string Topic = "orders";

    [Test]
    public async Task A_producer_follows_the_hint_at_the_new_leader_without_metadata(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(cancellationToken);
        await using KafkaClient client = ClientOf(cluster);
        await using Producer<string?, string> producer = client.CreateProducer<string?, string>();
        await producer.ProduceAsync(Topic, null, "0", cancellationToken);
        await ReachAllAsync(cluster, producer, cancellationToken);
        using RequestHold hold = cluster.Hold(ApiKey.Metadata, new FaultScope { Count = int.MaxValue });

        int next = MoveLeader(cluster);
        DeliveryResult stored = await producer.ProduceAsync(Topic, null, "1", cancellationToken);

        Assert.That(stored.Offset, Is.EqualTo(cluster.EndOffset(Topic, 0) - 1));
        Assert.That(cluster.Received(ApiKey.Produce)[^1].BrokerId, Is.EqualTo(next));
        hold.Release();
    }

    [Test]
    public async Task A_consumer_follows_the_hint_at_the_new_leader_without_metadata(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(cancellationToken);
        await using KafkaClient client = ClientOf(cluster);
        await using Producer<string?, string> producer = client.CreateProducer<string?, string>();
        await producer.ProduceAsync(Topic, null, "0", cancellationToken);
        await using Consumer<string?, string> consumer = client.CreateConsumer<string?, string>(new ConsumerOptions { FetchMaxWait = TimeSpan.FromMilliseconds(50) });
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);
        await using IAsyncEnumerator<ConsumeResult<string?, string>> records = consumer.ConsumeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await records.MoveNextAsync(), Is.True);
        using RequestHold hold = cluster.Hold(ApiKey.Metadata, new FaultScope { Count = int.MaxValue });

        int next = MoveLeader(cluster);
        await producer.ProduceAsync(Topic, null, "1", cancellationToken);

        Assert.That(await records.MoveNextAsync(), Is.True);
        Assert.That(records.Current.Value, Is.EqualTo("1"));
        Assert.That(cluster.Received(ApiKey.Fetch)[^1].BrokerId, Is.EqualTo(next));
        hold.Release();
    }

    [Test]
    public async Task A_connection_that_nobody_used_for_long_is_closed_and_opened_again_when_needed(CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        await using TestCluster cluster = await StartAsync(cancellationToken);
        await using var client = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = cluster.BootstrapServers,
            TimeProvider = time,
            ConnectionMaxIdle = TimeSpan.FromMinutes(1),
        });
        await using Producer<string?, string> producer = client.CreateProducer<string?, string>();
        await producer.ProduceAsync(Topic, null, "0", cancellationToken);
        long first = cluster.Received(ApiKey.Produce)[^1].ConnectionId;
        await producer.ProduceAsync(Topic, null, "1", cancellationToken);
        Assert.That(cluster.Received(ApiKey.Produce)[^1].ConnectionId, Is.EqualTo(first));

        time.Advance(TimeSpan.FromMinutes(3));
        DeliveryResult stored = await producer.ProduceAsync(Topic, null, "2", cancellationToken);

        Assert.That(stored.Offset, Is.EqualTo(2));
        Assert.That(cluster.Received(ApiKey.Produce)[^1].ConnectionId, Is.GreaterThan(first));
    }

    private static async Task<TestCluster> StartAsync(CancellationToken cancellationToken)
    {
        TestCluster cluster = await TestCluster.StartAsync(3, cancellationToken: cancellationToken);
        cluster.CreateTopic(Topic, 1, 3);
        return cluster;
    }

    private static KafkaClient ClientOf(TestCluster cluster) => new(cluster.BootstrapServers);

    private static int MoveLeader(TestCluster cluster)
    {
        int next = (cluster.Leader(Topic, 0) % 3) + 1;
        cluster.MoveLeader(Topic, 0, next);
        return next;
    }

    // A connection's first request asks for versions; with those known nothing but the hint is left to learn.
    private static async Task ReachAllAsync(TestCluster cluster, Producer<string?, string> producer, CancellationToken cancellationToken)
    {
        for (int i = 0; i < 3; i++)
        {
            MoveLeader(cluster);
            await producer.ProduceAsync(Topic, null, "warm", cancellationToken);
        }
    }
}
