namespace Milena.Kafka.Testing.Tests;

/// <summary>A cluster, a connection to its first broker and a bound in time for each test.</summary>
[CancelAfter(30_000)]
internal abstract class ClusterTest
{
    private protected TestCluster Cluster { get; private set; } = null!;

    private protected RawClient Client { get; private set; } = null!;

    protected static CancellationToken Bound => TestContext.CurrentContext.CancellationToken;

    protected virtual int Brokers => 1;

    protected virtual TestClusterOptions Options => new();

    [SetUp]
    public async Task StartAsync()
    {
        Cluster = await TestCluster.StartAsync(Brokers, Options, Bound);
        Client = await RawClient.ConnectAsync(Cluster, 1, Bound);
    }

    [TearDown]
    public async Task StopAsync()
    {
        Client.Dispose();
        await Cluster.DisposeAsync();
    }
}
