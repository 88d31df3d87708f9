using System.Net;
using System.Net.Sockets;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Interop;

/// <summary>The rig itself: librdkafka's mock cluster starts, answers others and goes away.</summary>
public class LibrdkafkaMockClusterTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [SetUp]
    public void Needs_librdkafka()
    {
        if (!LibrdkafkaMockCluster.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task It_listens_on_loopback_until_it_is_disposed(CancellationToken cancellationToken)
    {
        string[] addresses;
        using (LibrdkafkaMockCluster cluster = new(brokers: 3))
        {
            addresses = cluster.BootstrapServers.Split(',');
            Assert.That(addresses, Has.Length.EqualTo(3));
            foreach (string address in addresses)
            {
                using TcpClient client = new();
                await client.ConnectAsync(IPEndPoint.Parse(address), cancellationToken);
            }
        }

        using TcpClient late = new();
        Assert.That(
            async () => await late.ConnectAsync(IPEndPoint.Parse(addresses[0]), cancellationToken),
            Throws.InstanceOf<SocketException>());
    }

    [Test]
    public void Disposed_twice_is_disposed_and_says_so()
    {
        LibrdkafkaMockCluster cluster = new();
        cluster.Dispose();
        cluster.Dispose();

        Assert.That(() => cluster.CreateTopic("late"), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void A_broker_that_does_not_exist_is_refused_with_its_reason()
    {
        using LibrdkafkaMockCluster cluster = new();

        Assert.That(() => cluster.MoveLeader("absent", 0, brokerId: 9), Throws.InvalidOperationException.With.Message.Contain("librdkafka"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Kcat_lists_its_brokers_and_topics(CancellationToken cancellationToken)
    {
        NeedsKcat();
        using LibrdkafkaMockCluster cluster = new(brokers: 3);
        cluster.CreateTopic("orders", partitions: 5, replicationFactor: 2);

        ProcessResult listing = (await Kcat.RunAsync("", Limit, cancellationToken, "-b", cluster.BootstrapServers, "-L")).EnsureSuccess();

        Assert.That(listing.Text, Does.Contain("3 brokers:").And.Contain("topic \"orders\" with 5 partitions:"));
        foreach (string address in cluster.BootstrapServers.Split(','))
        {
            Assert.That(listing.Text, Does.Contain($"at {address}"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task What_kcat_produces_kcat_consumes_also_after_pushed_errors(CancellationToken cancellationToken)
    {
        NeedsKcat();
        using LibrdkafkaMockCluster cluster = new();
        cluster.CreateTopic("orders");
        cluster.PushRequestErrors(ApiKey.Produce, ErrorCode.NotLeaderOrFollower, ErrorCode.NotLeaderOrFollower);

        ProcessResult produced = await Kcat.RunAsync("a:1\nb:2\n", Limit, cancellationToken, "-b", cluster.BootstrapServers, "-P", "-t", "orders", "-K:");
        ProcessResult consumed = await Kcat.RunAsync("", Limit, cancellationToken, "-b", cluster.BootstrapServers, "-C", "-t", "orders", "-e", "-q", "-f", "%p %o %k=%s\n");

        Assert.That(produced.EnsureSuccess().Text, Is.Empty);
        Assert.That(consumed.EnsureSuccess().Lines, Is.EqualTo(new[] { "0 0 a=1", "0 1 b=2" }));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_stopped_broker_refuses_and_a_started_one_accepts(CancellationToken cancellationToken)
    {
        NeedsKcat();
        using LibrdkafkaMockCluster cluster = new();
        cluster.StopBroker(1);

        ProcessResult refused = await Kcat.RunAsync("", Limit, cancellationToken, "-b", cluster.BootstrapServers, "-L", "-m", "2");
        cluster.StartBroker(1);
        ProcessResult accepted = await Kcat.RunAsync("", Limit, cancellationToken, "-b", cluster.BootstrapServers, "-L");

        Assert.That(refused.ExitCode, Is.Not.Zero);
        Assert.That(accepted.EnsureSuccess().Text, Does.Contain("1 brokers:"));
    }

    private static void NeedsKcat()
    {
        if (!Kcat.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }
    }
}
