using System.Net.Sockets;

namespace Milena.Kafka.Testing.Tests;

[CancelAfter(30_000)]
internal sealed class LifecycleTests
{
    [Test]
    public async Task Brokers_take_the_ports_that_they_are_given()
    {
        int port;
        await using (TestCluster probe = await TestCluster.StartAsync())
        {
            port = int.Parse(probe.BootstrapServers.Split(':')[1], null);
        }

        await using TestCluster cluster = await TestCluster.StartAsync(2, new TestClusterOptions { Ports = [port, 0] });

        Assert.That(cluster.BootstrapServers, Does.StartWith($"127.0.0.1:{port},127.0.0.1:"));
    }

    [Test]
    public async Task A_start_that_fails_at_the_second_port_gives_the_first_one_back()
    {
        await using TestCluster other = await TestCluster.StartAsync();
        int taken = int.Parse(other.BootstrapServers.Split(':')[1], null);
        int free;
        await using (TestCluster probe = await TestCluster.StartAsync())
        {
            free = int.Parse(probe.BootstrapServers.Split(':')[1], null);
        }

        await Assert.ThrowsAsync<SocketException>(() => TestCluster.StartAsync(2, new TestClusterOptions { Ports = [free, taken] }));

        await using TestCluster cluster = await TestCluster.StartAsync(1, new TestClusterOptions { Ports = [free] });
        Assert.That(cluster.BootstrapServers, Is.EqualTo($"127.0.0.1:{free}"));
    }

    [Test]
    public async Task A_port_that_is_taken_is_told_at_once()
    {
        await using TestCluster first = await TestCluster.StartAsync();
        int port = int.Parse(first.BootstrapServers.Split(':')[1], null);

        await Assert.ThrowsAsync<SocketException>(() => TestCluster.StartAsync(1, new TestClusterOptions { FirstPort = port }));
    }

    [Test]
    public async Task Options_that_cannot_be_are_told_all_at_once()
    {
        var options = new TestClusterOptions { Host = "nowhere.example", Ports = [1], DefaultPartitions = 0 };

        ArgumentException? exception = await Assert.ThrowsAsync<ArgumentException>(() => TestCluster.StartAsync(2, options));

        Assert.That(exception!.Message, Does.Contain("Host").And.Contain("Ports").And.Contain("DefaultPartitions"));
    }

    [Test]
    public async Task The_same_seed_gives_the_same_ids()
    {
        await using TestCluster first = await TestCluster.StartAsync();
        await using TestCluster second = await TestCluster.StartAsync();

        Assert.That(second.ClusterId, Is.EqualTo(first.ClusterId));
        Assert.That(second.CreateTopic("a"), Is.EqualTo(first.CreateTopic("a")));
    }

    [Test]
    public async Task Disposing_twice_is_disposing_once()
    {
        TestCluster cluster = await TestCluster.StartAsync(3);

        await cluster.DisposeAsync();
        await cluster.DisposeAsync();
    }
}
