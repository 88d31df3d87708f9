namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>One cluster of some kind, and one client of it, for all tests of a fixture.</summary>
public abstract class EndToEndTest(ClusterKind kind)
{
    protected ClusterKind Kind { get; } = kind;

    private protected ClusterUnderTest Cluster { get; private set; } = null!;

    private protected KafkaClient Kafka { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        Cluster = await ClusterUnderTest.StartAsync(Kind, patience.Token);
        Kafka = new KafkaClient(Cluster.BootstrapServers);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Kafka is not null)
        {
            await Kafka.DisposeAsync();
            await Cluster.DisposeAsync();
        }
    }
}
