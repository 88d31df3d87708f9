using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>Two brokers, a topic of two partitions, a clock moved by hand, and connections to all.</summary>
internal abstract class TransactionClusterTest : ClusterTest
{
    protected const string Group = "g";

    protected override int Brokers => 2;

    protected override TestClusterOptions Options => new() { TimeProvider = Time };

    private protected ManualTime Time { get; } = new();

    private protected ClusterClients Clients { get; private set; } = null!;

    [SetUp]
    public void CreateTopic()
    {
        Cluster.CreateTopic(Topic, partitions: 2);
        Clients = new ClusterClients(Cluster, Bound);
    }

    [TearDown]
    public void LeaveBrokers() => Clients.Dispose();

    private protected async Task<TransactionalProducer> StartAsync(bool isSecondGeneration = true, string transactionalId = "tx")
    {
        var producer = new TransactionalProducer(Clients, transactionalId, isSecondGeneration);
        Assert.That(await producer.InitializeAsync(), Is.EqualTo(Protocol.ErrorCode.None));
        return producer;
    }
}
