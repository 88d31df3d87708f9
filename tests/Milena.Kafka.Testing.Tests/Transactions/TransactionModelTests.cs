using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>Whatever producers, brokers and the clock do: committed scopes are read whole, all others not at all.</summary>
internal sealed class TransactionModelTests
{
    private const int Steps = 120;

    [Test, CancelAfter(120_000)]
    public async Task Readers_see_exactly_the_committed_scopes([Range(1, 40)] int seed, CancellationToken cancellationToken)
    {
        var time = new ManualTime();
        await using TestCluster cluster = await TestCluster.StartAsync(3, new TestClusterOptions { TimeProvider = time }, cancellationToken);
        cluster.CreateTopic(Topic, TransactionWorld.Partitions, configs: new Dictionary<string, string> { ["retention.ms"] = "-1" });
        using var clients = new ClusterClients(cluster, cancellationToken);
        var world = new TransactionWorld(cluster, time, clients, new Random(seed));

        for (int step = 0; step < Steps; step++)
        {
            await world.StepAsync();
            if (step % 5 == 0)
            {
                await world.CheckAsync();
            }
        }

        await world.EndAllAsync();
        Assert.That(world.Committed, Is.Positive);
        Assert.That(world.Aborted, Is.Positive);
    }
}
