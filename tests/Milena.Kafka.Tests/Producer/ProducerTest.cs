using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>A cluster of three brokers with a topic of three partitions, each led by another, and a client with short pauses.</summary>
[CancelAfter(30_000)]
[Parallelizable(ParallelScope.Fixtures)]
public abstract class ProducerTest
{
    protected const string Topic = "payments";

    protected TestCluster Cluster { get; private set; } = null!;

    protected KafkaClient Kafka { get; private set; } = null!;

    private protected TrackingPool Pool { get; private set; } = null!;

    protected static KafkaClientOptions ClientOptions(string bootstrapServers) => new()
    {
        BootstrapServers = bootstrapServers,
        RetryBackoff = TimeSpan.FromMilliseconds(5),
        RetryBackoffMax = TimeSpan.FromMilliseconds(20),
        ReconnectBackoff = TimeSpan.FromMilliseconds(5),
        ReconnectBackoffMax = TimeSpan.FromMilliseconds(20),
        Seed = 1,
    };

    [SetUp]
    public async Task StartClusterAsync()
    {
        Cluster = await TestCluster.StartAsync(brokers: 3, new TestClusterOptions { AutoCreateTopics = false });
        Cluster.CreateTopic(Topic, partitions: 3);
        Kafka = new KafkaClient(ClientOptions(Cluster.BootstrapServers));
        Pool = new TrackingPool();
    }

    [TearDown]
    public async Task StopClusterAsync()
    {
        await Kafka.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    private protected Producer<string?, string?> CreateProducer(ProducerOptions? options = null) =>
        Kafka.CreateProducer<string?, string?>(options, null, null, Pool);

    private protected static ProducerRecord<string?, string?> To(int partition, string? value, string? key = null) => new(Topic, key, value) { Partition = partition };

    private protected string[] Values(int partition, string topic = Topic) =>
        [.. Cluster.Records(topic, partition).Select(r => r.Value is { } value ? Encoding.UTF8.GetString(value.Span) : "null")];

    private protected int ProduceRequests => Cluster.Received<ProduceRequest>().Count;
}
