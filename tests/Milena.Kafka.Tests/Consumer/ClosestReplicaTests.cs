using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Reading from a replica nearby (KIP-392), and back from the leader when that fails.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class ClosestReplicaTests : ConsumerTest
{
    private int _leader;
    private int _near;

    protected override TestClusterOptions ClusterOptions => new() { AutoCreateTopics = false, Racks = ["a", "b", "c"] };

    [Test]
    public async Task Records_come_from_the_replica_in_the_rack_of_the_consumer(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer(Near());
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));

        await StoreAsync(0, 10, 10);

        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(10, 10)));
        Assert.That(FetchesOf(_leader), Is.EqualTo(1), "it was asked once and sent the consumer away");
        Assert.That(consumer.GetStatus().Partitions.Single().LastFetch?.BrokerId, Is.EqualTo(_near));
    }

    [Test]
    public async Task Without_a_rack_or_with_one_that_has_no_replica_the_leader_serves([Values("", "z")] string rack, CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { RackId = rack });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));
        Assert.That(FetchesOf(_near), Is.Zero);
    }

    [TestCase(ErrorCode.OffsetOutOfRange)]
    [TestCase(ErrorCode.NotLeaderOrFollower)]
    [TestCase(ErrorCode.UnknownLeaderEpoch)]
    public async Task A_replica_that_fails_sends_the_consumer_back_to_the_leader_and_nothing_is_lost_or_doubled(ErrorCode error, CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        Cluster.Fail(ApiKey.Fetch, error, new FaultScope { BrokerId = _near, Topic = Topic });
        await using Consumer<string, string> consumer = CreateConsumer(Near());
        consumer.Assign(new PartitionStart(First, StartPosition.At(5)));

        Assert.That(await TakeAsync(consumer, 5, cancellationToken), Is.EqualTo(Values(5, 5)));
        Assert.That(FetchesOf(_leader), Is.GreaterThanOrEqualTo(2));
    }

    [Test]
    public async Task A_replica_that_stops_is_left_for_the_leader(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer(Near());
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));

        await Cluster.StopBrokerAsync(_near);
        await StoreAsync(0, 10, 10);

        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(10, 10)));
        Assert.That(consumer.GetStatus().Partitions.Single().LastFetch?.BrokerId, Is.EqualTo(_leader));
    }

    [Test]
    public async Task The_leader_is_asked_again_when_metadata_is_out_of_date(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, MetadataMaxAge = TimeSpan.FromMilliseconds(100) });
        ConsumerOptions options = Near();
        options.FetchMaxWait = TimeSpan.FromMilliseconds(20);
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(options);
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Task<List<string>> reading = TakeAsync(consumer, 20, cancellationToken);

        for (long seen = 1; FetchesOf(_leader) < 3; seen++)
        {
            await Cluster.WaitForAsync(ApiKey.Fetch, seen, cancellationToken);
        }

        await StoreAsync(0, 10, 10);
        Assert.That(await reading, Is.EqualTo(Values(0, 20)));
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await StartAsync(brokers: 3);
        await StoreAsync(0, 0, 10);
        _leader = Cluster.Leader(Topic, 0);
        _near = (_leader % 3) + 1;
    }

    private ConsumerOptions Near() => new() { RackId = ClusterOptions.Racks[_near - 1] };

    private int FetchesOf(int broker) => Cluster.Received(ApiKey.Fetch).Count(r => r.BrokerId == broker && r.Body is FetchRequest);
}
