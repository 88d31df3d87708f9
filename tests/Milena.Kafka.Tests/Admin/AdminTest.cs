using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Admin;

/// <summary>An embedded cluster, an admin client on it and a bound in time for each test.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(60_000)]
public abstract class AdminTest
{
    private protected TestCluster Cluster { get; private set; } = null!;

    private protected KafkaClient Kafka { get; private set; } = null!;

    private protected AdminClient Admin => Kafka.CreateAdmin();

    protected static CancellationToken Bound => TestContext.CurrentContext.CancellationToken;

    protected virtual int Brokers => 3;

    private protected ManualTimeProvider? Time { get; set; }

    [SetUp]
    public async Task StartAsync()
    {
        var options = new TestClusterOptions();
        Configure(options);
        Cluster = await TestCluster.StartAsync(Brokers, options, Bound);
        Kafka = new KafkaClient(ClientOptions());
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Kafka.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    protected virtual void Configure(TestClusterOptions options)
    {
    }

    private protected KafkaClientOptions ClientOptions() => new()
    {
        BootstrapServers = Cluster.BootstrapServers,
        RetryBackoff = TimeSpan.FromMilliseconds(1),
        ReconnectBackoff = TimeSpan.FromMilliseconds(1),
    };

    private protected static KafkaException FailureOf<TKey>(AdminOutcome<TKey> outcome, TKey key)
        where TKey : notnull
    {
        Assert.That(outcome.Failures.Keys, Does.Contain(key));
        return outcome.Failures[key];
    }

    private protected static ErrorCode CodeOf<TKey>(AdminOutcome<TKey> outcome, TKey key)
        where TKey : notnull => FailureOf(outcome, key).Code;

    private protected async Task ProduceAsync(string topic, params (string Key, string? Value)[] records)
    {
        await using Producer<string, string?> producer = Kafka.CreateProducer<string, string?>();
        foreach ((string key, string? value) in records)
        {
            await producer.ProduceAsync(topic, key, value, Bound);
        }
    }

    private protected IReadOnlyList<string> Stored(string topic, int partition = 0) =>
        [.. Cluster.Records(topic, partition).Select(record => $"{record.Offset}:{Text(record.Key)}={Text(record.Value)}")];

    private static string Text(ReadOnlyMemory<byte>? bytes) => bytes is { } some ? Encoding.UTF8.GetString(some.Span) : "-";
}
