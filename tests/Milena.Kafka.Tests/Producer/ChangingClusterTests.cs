using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer;

/// <summary>A producer at work while its cluster changes under it.</summary>
public class ChangingClusterTests : ProducerTest
{
    private const int Records = 600;

    [Test]
    public async Task A_leader_that_moves_under_load_costs_nothing(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256 });
        var run = new FaultyRun(Cluster, Topic);
        for (int round = 0; round < 12; round++)
        {
            run.Produce(producer, Records / 12, cancellationToken);
            Cluster.MoveLeader(Topic, round % 2, (round % 3) + 1);
        }

        await run.EndAsync();

        run.Judge(trustsRefusals: true, "leaders moved");
        Assert.That(run.Stored, Is.EqualTo(Records));
    }

    [Test]
    public async Task Brokers_that_go_and_come_back_under_load_cost_nothing(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256 });
        var run = new FaultyRun(Cluster, Topic);
        for (int round = 0; round < 12; round++)
        {
            int broker = (round % 3) + 1;
            run.Produce(producer, Records / 24, cancellationToken);
            await Cluster.StopBrokerAsync(broker);
            run.Produce(producer, Records / 24, cancellationToken);
            await Cluster.StartBrokerAsync(broker);
        }

        await run.EndAsync();

        run.Judge(trustsRefusals: true, "brokers came and went");
        Assert.That(run.Stored, Is.EqualTo(Records));
    }

    [Test]
    public async Task A_producer_that_is_throttled_keeps_silent_for_as_long_as_it_was_asked(CancellationToken cancellationToken)
    {
        var throttle = TimeSpan.FromMilliseconds(40);
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256, MaxInFlight = 1 });
        Cluster.ProduceThrottle = throttle;
        var run = new FaultyRun(Cluster, Topic);
        run.Produce(producer, 120, cancellationToken);
        await run.EndAsync();

        run.Judge(trustsRefusals: true, "throttled");
        Assert.That(run.Stored, Is.EqualTo(120));
        foreach (IGrouping<long, ReceivedRequest> connection in Cluster.Received(ApiKey.Produce).GroupBy(r => r.ConnectionId))
        {
            // Both clocks are this machine's; they may differ by the width of a tick.
            ReceivedRequest[] requests = [.. connection];
            Assert.That(requests.Skip(1).Zip(requests, (later, earlier) => later.ReceivedAt - earlier.ReceivedAt), Is.All.GreaterThan(throttle * 0.9));
        }
    }

    [Test]
    public async Task A_topic_made_anew_under_load_goes_on_in_order(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256 });
        List<Task<DeliveryResult>> results = [.. Start(0)];
        Guid old = Cluster.TopicId(Topic);
        Cluster.DeleteTopic(Topic);
        results.AddRange(Start(results.Count));
        Cluster.CreateTopic(Topic, partitions: 3);
        results.AddRange(Start(results.Count));

        await Task.WhenAll(results);

        // What was acknowledged before has gone with the topic; all after it is there.
        int[] log = [.. Values(0).Select(int.Parse)];
        Assert.That(Cluster.TopicId(Topic), Is.Not.EqualTo(old));
        Assert.That(log, Is.Ordered.And.Unique);
        Assert.That(log.TakeLast(Records), Is.EqualTo(Enumerable.Range(2 * Records, Records)));

        IEnumerable<Task<DeliveryResult>> Start(int first) => Enumerable.Range(first, Records).Select(i => producer.ProduceAsync(To(0, $"{i}"), cancellationToken).AsTask());
    }

    [Test]
    public async Task Partitions_that_are_added_get_their_share(CancellationToken cancellationToken)
    {
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.MetadataMaxAge = TimeSpan.FromMilliseconds(50);
        await using var kafka = new KafkaClient(options);
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(new ProducerOptions { BatchSize = 256 });
        var results = new List<DeliveryResult>();
        for (int round = 0; results.Count == 0 || results[^1].Partition < 3; round++)
        {
            results.AddRange(await Task.WhenAll(Enumerable.Range(results.Count, 20).Select(i => producer.ProduceAsync(Topic, $"{i}", $"{i}", cancellationToken).AsTask())));
            if (round == 3)
            {
                Cluster.AddPartitions(Topic, 6);
            }
        }

        foreach (IGrouping<int, (DeliveryResult Result, int Number)> partition in results.Select((r, i) => (r, i)).GroupBy(r => r.r.Partition))
        {
            Assert.That(Values(partition.Key), Is.EqualTo(partition.Select(r => $"{r.Number}")));
            Assert.That(partition.Select(r => r.Result.Offset), Is.EqualTo(Enumerable.Range(0, partition.Count())));
        }
    }

    [Test]
    public async Task Brokers_that_forget_a_producer_take_up_where_it_is(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256 });
        var run = new FaultyRun(Cluster, Topic);
        for (int round = 0; round < 6; round++)
        {
            run.Produce(producer, Records / 6, cancellationToken);
            await run.EndAsync();
            Cluster.ForgetProducers(Topic, round % 2);
        }

        run.Judge(trustsRefusals: true, "forgotten");
        Assert.That(run.Stored, Is.EqualTo(Records));
    }

    [Test]
    public async Task A_log_that_lost_its_end_goes_on_under_the_next_epoch(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        for (int i = 0; i < 4; i++)
        {
            await producer.ProduceAsync(To(0, $"{i}"), cancellationToken);
        }

        Cluster.LoseRecords(Topic, 0, 2);
        DeliveryResult stored = await producer.ProduceAsync(To(0, "4"), cancellationToken);

        Assert.That(stored.Offset, Is.EqualTo(2));
        Assert.That(Values(0), Is.EqualTo(new[] { "0", "1", "4" }));
        Assert.That(Cluster.Batches(Topic, 0)[^1].Producer.Epoch, Is.EqualTo(1));
    }
}
