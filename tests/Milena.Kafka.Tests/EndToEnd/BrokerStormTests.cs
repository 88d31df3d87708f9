using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>Brokers are killed and started again all the time, and nothing is lost, doubled or reordered; kcat is the witness.</summary>
public class BrokerStormTests
{
    [SetUp]
    public void NeedsKcat()
    {
        if (!Kcat.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }
    }

    [Test, CancelAfter(180_000)]
    public async Task Embedded_brokers_come_and_go_while_300_000_records_are_produced(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 3, cancellationToken: cancellationToken);
        var target = new StormTarget(cluster.BootstrapServers, cluster.BrokerIds, cluster.StopBrokerAsync, (broker, _) => cluster.StartBrokerAsync(broker));

        using var storm = new BrokerStorm(target, records: 300_000, TimeSpan.FromSeconds(15), kills: 30, patience: TimeSpan.FromSeconds(5));
        await storm.RunAsync(cancellationToken);
    }

    [Test, CancelAfter(600_000)]
    public async Task Real_brokers_are_killed_for_two_minutes_while_2_000_000_records_are_produced(CancellationToken cancellationToken)
    {
        if (!KafkaHome.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        await using KafkaHomeCluster cluster = await KafkaHomeCluster.StartAsync(3, new KafkaHomeOptions(), cancellationToken);
        var target = new StormTarget(cluster.BootstrapServers, [1, 2, 3], cluster.KillAsync, cluster.StartAsync);

        using var storm = new BrokerStorm(target, records: 2_000_000, TimeSpan.FromMinutes(2), kills: 15, patience: TimeSpan.FromSeconds(4));
        await storm.RunAsync(cancellationToken);
    }
}
