using System.Net;
using System.Net.Sockets;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Cluster;

/// <summary>The operation driver on its simplest operations, against the embedded cluster.</summary>
[CancelAfter(30_000)]
public class AdminOperationTests
{
    [Test]
    public async Task A_topic_is_created_with_its_partitions(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 3, cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);

        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("orders") { Partitions = 4 }, cancellationToken);

        Assert.That(cluster.Topics, Does.Contain("orders"));
    }

    [Test]
    public async Task A_topic_that_exists_is_refused_with_the_brokers_error(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("orders"), cancellationToken);

        Assert.That(
            async () => await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("orders"), cancellationToken),
            Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.TopicAlreadyExists).And.Message.Contains("'orders'"));
    }

    [Test]
    public async Task A_topic_is_deleted_and_then_not_there(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("orders"), cancellationToken);

        await kafka.CreateAdmin().DeleteTopicAsync("orders", cancellationToken);

        Assert.That(
            async () => await kafka.CreateAdmin().DeleteTopicAsync("orders", cancellationToken),
            Throws.InstanceOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.UnknownTopicOrPartition));
    }

    [TestCase(ErrorCode.NotController)]
    [TestCase(ErrorCode.RequestTimedOut)]
    public async Task What_may_succeed_later_is_tried_again(ErrorCode error, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        cluster.FailNext(ApiKey.CreateTopics, error);

        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("orders"), cancellationToken);

        Assert.That(cluster.Received(ApiKey.CreateTopics), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_producer_that_creates_its_topic_creates_none_that_others_only_look_for(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>();
        TopicPartition misspelt = new("oders", 0);

        Task<AdminResults<TopicPartition, long>> looking = kafka.CreateAdmin().DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [misspelt] = -1 }, cancellationToken: cancellationToken);
        await producer.ProduceAsync("orders", "k", "v", cancellationToken);

        Assert.That((await looking).Failures[misspelt], Is.TypeOf<UnknownTopicException>());
        Assert.That(cluster.Topics, Is.EqualTo(new[] { "orders" }));
    }

    [Test]
    public async Task A_connection_that_breaks_is_opened_again(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        cluster.DropConnection(ApiKey.CreateTopics);

        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("orders"), cancellationToken);

        Assert.That(cluster.Topics, Does.Contain("orders"));
    }

    [Test]
    public async Task One_address_that_answers_is_enough(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient($"127.0.0.1:{ClosedPort()},{cluster.BootstrapServers}");

        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("orders"), cancellationToken);

        Assert.That(cluster.Topics, Does.Contain("orders"));
    }

    [Test]
    public async Task A_cluster_out_of_reach_is_told_address_by_address(CancellationToken cancellationToken)
    {
        int first = ClosedPort();
        int second = ClosedPort();
        await using var kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = $"127.0.0.1:{first},127.0.0.1:{second}",
            ApiTimeout = TimeSpan.FromMilliseconds(300),
        });

        Assert.That(
            async () => await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("orders"), cancellationToken),
            Throws.TypeOf<ClusterUnreachableException>().With.Message.Contains($"127.0.0.1:{first}").And.Message.Contains($"127.0.0.1:{second}").And.Message.Contains("refused"));
    }

    [Test]
    public async Task A_deadline_in_the_middle_of_a_look_up_still_tells_the_addresses(CancellationToken cancellationToken)
    {
        int port = ClosedPort();
        await using var kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = $"127.0.0.1:{port}",
            ApiTimeout = TimeSpan.FromMilliseconds(500),
            RetryBackoff = TimeSpan.FromMilliseconds(1),
            ReconnectBackoff = TimeSpan.FromSeconds(30),
            ReconnectBackoffMax = TimeSpan.FromSeconds(30),
        });
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>();

        Assert.That(
            async () => await consumer.GetOffsetAsync(new TopicPartition("orders", 0), StartPosition.End, cancellationToken),
            Throws.TypeOf<ClusterUnreachableException>().With.Message.Contains($"127.0.0.1:{port}"));
    }

    [Test]
    public async Task Brokers_that_all_went_away_are_found_again_by_the_bootstrap_list(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 2, cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("first"), cancellationToken);
        foreach (int broker in cluster.BrokerIds)
        {
            await cluster.StopBrokerAsync(broker);
        }

        Task created = kafka.CreateAdmin().CreateTopicAsync(new NewTopic("second"), cancellationToken);
        foreach (int broker in cluster.BrokerIds)
        {
            await cluster.StartBrokerAsync(broker);
        }

        await created;
        Assert.That(cluster.Topics, Does.Contain("second"));
    }

    [Test]
    public async Task An_http_server_on_the_port_is_recognised(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task served = ServeHttpAsync(listener, cancellationToken);
        await using var kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}",
            ApiTimeout = TimeSpan.FromMilliseconds(500),
        });

        Assert.That(
            async () => await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("orders"), cancellationToken),
            Throws.TypeOf<ClusterUnreachableException>().With.Message.Contains("HTTP"));
        listener.Stop();
        await served;
    }

    [Test]
    public async Task A_cancelled_call_ends_at_once_and_the_client_goes_on(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        using var cancelled = new CancellationTokenSource();
        Task created;
        using (RequestHold hold = cluster.Hold(ApiKey.CreateTopics))
        {
            created = kafka.CreateAdmin().CreateTopicAsync(new NewTopic("held"), cancelled.Token);
            await hold.WaitForAsync(1, cancellationToken);
            await cancelled.CancelAsync();
            Assert.That(async () => await created, Throws.InstanceOf<OperationCanceledException>().With.Property(nameof(OperationCanceledException.CancellationToken)).EqualTo(cancelled.Token));
        }

        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("after"), cancellationToken);
        Assert.That(cluster.Topics, Does.Contain("after"));
    }

    [Test]
    public async Task A_disposed_client_says_so(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        var kafka = new KafkaClient(cluster.BootstrapServers);
        AdminClient admin = kafka.CreateAdmin();
        await admin.CreateTopicAsync(new NewTopic("orders"), cancellationToken);

        await kafka.DisposeAsync();
        await kafka.DisposeAsync();

        Assert.That(async () => await admin.CreateTopicAsync(new NewTopic("late"), cancellationToken), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains(nameof(KafkaClient)));
    }

    [Test]
    public async Task What_a_disposed_client_made_says_so(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        cluster.CreateTopic("orders");
        var kafka = new KafkaClient(cluster.BootstrapServers);
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>();
        await producer.ProduceAsync("orders", "k", "v", cancellationToken);
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>();
        await consumer.AssignTopicAsync("orders", StartPosition.End, cancellationToken);
        await using IAsyncEnumerator<ConsumeResult<string, string>> reading = consumer.ConsumeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Task<bool> waiting = reading.MoveNextAsync().AsTask();
        await cluster.WaitForAsync(ApiKey.Fetch, 1, cancellationToken);

        await kafka.DisposeAsync();

        Assert.That(async () => await waiting, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await producer.ProduceAsync("orders", "k", "v", cancellationToken), Throws.InstanceOf<ObjectDisposedException>());
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ServeHttpAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(cancellationToken);
                NetworkStream stream = client.GetStream();
                await stream.ReadExactlyAsync(new byte[4], cancellationToken);
                await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), cancellationToken);
            }
        }
        catch (SocketException)
        {
            // The listener was stopped: the test is over.
        }
    }
}
