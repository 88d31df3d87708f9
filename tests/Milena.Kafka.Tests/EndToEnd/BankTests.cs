using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>Transfers between accounts by four workers, while workers and brokers die: the total never changes, no transfer is made twice, none is lost.</summary>
public class BankTests
{
    [Test, CancelAfter(180_000)]
    public async Task Workers_and_embedded_brokers_die_and_no_coin_is_lost_or_doubled([Values(GroupProtocol.Classic, GroupProtocol.Consumer)] GroupProtocol protocol, [Values(1, 2)] int generation, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(
            brokers: 3,
            new TestClusterOptions { ConsumerGroupHeartbeatInterval = TimeSpan.FromMilliseconds(100), ConsumerGroupSessionTimeout = TimeSpan.FromSeconds(2), TransactionVersion = (short)generation },
            cancellationToken);
        var target = new StormTarget(cluster.BootstrapServers, cluster.BrokerIds, cluster.StopBrokerAsync, (broker, _) => cluster.StartBrokerAsync(broker));
        using var bank = new Bank(target, protocol, coins: 100, patience: TimeSpan.FromSeconds(3), seed: generation)
        {
            Configure = options =>
            {
                if (protocol == GroupProtocol.Classic)
                {
                    options.SessionTimeout = TimeSpan.FromSeconds(2);
                    options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
                }
            },
        };

        await bank.RunAsync(kills => kills < 10, cancellationToken);

        Assert.That(bank.Transferred, Is.AtLeast(100));
        Assert.That(cluster.Errors, Is.Empty);
    }

    [Test, CancelAfter(1_200_000)]
    public async Task Workers_and_real_brokers_are_killed_for_three_minutes_and_no_coin_is_lost_or_doubled([Values(GroupProtocol.Classic, GroupProtocol.Auto)] GroupProtocol protocol, CancellationToken cancellationToken)
    {
        if (!KafkaHome.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        // A worker that is killed must not keep its partitions for the 45 s that are the default.
        var properties = new Dictionary<string, string>
        {
            ["group.consumer.min.session.timeout.ms"] = "6000",
            ["group.consumer.session.timeout.ms"] = "6000",
            ["group.consumer.min.heartbeat.interval.ms"] = "1000",
            ["group.consumer.heartbeat.interval.ms"] = "1000",
        };
        await using KafkaHomeCluster cluster = await KafkaHomeCluster.StartAsync(3, new KafkaHomeOptions { Properties = properties }, cancellationToken);
        var target = new StormTarget(cluster.BootstrapServers, [1, 2, 3], cluster.KillAsync, cluster.StartAsync);
        long start = TimeProvider.System.GetTimestamp();
        using var bank = new Bank(target, protocol, coins: 500, patience: TimeSpan.FromSeconds(20), seed: 1)
        {
            Configure = options =>
            {
                if (protocol == GroupProtocol.Classic)
                {
                    options.SessionTimeout = TimeSpan.FromSeconds(6);
                    options.HeartbeatInterval = TimeSpan.FromSeconds(1);
                }
            },
        };

        await bank.RunAsync(_ => TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(3), cancellationToken);
    }
}
