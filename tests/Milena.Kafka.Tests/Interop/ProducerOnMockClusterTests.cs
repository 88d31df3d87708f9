using System.Globalization;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Interop;

/// <summary>The producer against librdkafka's mock cluster while that errs, stalls and moves; kcat reads what came of it.</summary>
/// <remarks>
/// The mock cluster appends whatever comes, without a look at sequence numbers: a batch whose answer was lost is there twice, and one that is refused is
/// overtaken by those behind it. So there is one request at a time wherever order is looked at.
/// </remarks>
[CancelAfter(120_000)]
public class ProducerOnMockClusterTests
{
    private const string Topic = "orders";
    private const int Partitions = 3;
    private const int Records = 3_000;

    private static readonly ErrorCode[][] ProduceScripts =
    [
        [ErrorCode.NotLeaderOrFollower, ErrorCode.NotLeaderOrFollower, ErrorCode.NotLeaderOrFollower],
        [ErrorCode.NotEnoughReplicas, ErrorCode.None, ErrorCode.CorruptMessage, ErrorCode.None, ErrorCode.LeaderNotAvailable],
        [ErrorCode.None, ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.RequestTimedOut, ErrorCode.NotLeaderOrFollower],
        [ErrorCode.OutOfOrderSequenceNumber, ErrorCode.None, ErrorCode.OutOfOrderSequenceNumber, ErrorCode.None, ErrorCode.UnknownProducerId],
        [ErrorCode.None, ErrorCode.InvalidProducerEpoch, ErrorCode.None, ErrorCode.KafkaStorageError, ErrorCode.NetworkException],
        [ErrorCode.OutOfOrderSequenceNumber, ErrorCode.OutOfOrderSequenceNumber, ErrorCode.OutOfOrderSequenceNumber, ErrorCode.OutOfOrderSequenceNumber],
    ];

    [SetUp]
    public void NeedsLibrdkafkaAndKcat()
    {
        if (!LibrdkafkaMockCluster.IsAvailable(out string noMock))
        {
            Assert.Ignore(noMock);
        }

        if (!Kcat.IsAvailable(out string noKcat))
        {
            Assert.Ignore(noKcat);
        }
    }

    [Test]
    public async Task Errors_of_produce_requests_cost_nothing([Range(0, 5)] int script, [Values(1, 5)] int maxInFlight, CancellationToken cancellationToken)
    {
        using LibrdkafkaMockCluster cluster = Start();
        await using KafkaClient kafka = ClientOf(cluster);
        await using Producer<string?, string> producer = CreateProducer(kafka, maxInFlight);

        // An epoch that is refused twice running for the same batch leaves its outcome unknown, and rightly so.
        cluster.PushRequestErrors(ApiKey.Produce, [.. ProduceScripts[script], .. ProduceScripts[script].Where(error => error != ErrorCode.InvalidProducerEpoch)]);

        DeliveryResult[] stored = await Task.WhenAll(Start(producer, cancellationToken));

        await JudgeAsync(cluster, stored, mayRepeat: false, cancellationToken, isOrdered: maxInFlight == 1);
    }

    [Test]
    public async Task Errors_of_producer_ids_and_metadata_cost_nothing(CancellationToken cancellationToken)
    {
        using LibrdkafkaMockCluster cluster = Start();
        cluster.PushRequestErrors(ApiKey.InitProducerId, ErrorCode.CoordinatorLoadInProgress, ErrorCode.NotCoordinator, ErrorCode.CoordinatorNotAvailable, ErrorCode.RequestTimedOut);
        cluster.PushRequestErrors(ApiKey.Metadata, ErrorCode.None, ErrorCode.LeaderNotAvailable, ErrorCode.UnknownTopicOrPartition);
        await using KafkaClient kafka = ClientOf(cluster);
        await using Producer<string?, string> producer = CreateProducer(kafka);

        DeliveryResult[] stored = await Task.WhenAll(Start(producer, cancellationToken));

        await JudgeAsync(cluster, stored, mayRepeat: false, cancellationToken);
    }

    [Test]
    public async Task Connections_lost_at_any_request_cost_nothing(CancellationToken cancellationToken)
    {
        using LibrdkafkaMockCluster cluster = Start();
        await using KafkaClient kafka = ClientOf(cluster);
        await using Producer<string?, string> producer = CreateProducer(kafka);
        cluster.DropConnections(ApiKey.Produce, times: 4);
        cluster.DropConnections(ApiKey.InitProducerId);
        cluster.DropConnections(ApiKey.Metadata);

        DeliveryResult[] stored = await Task.WhenAll(Start(producer, cancellationToken));

        await JudgeAsync(cluster, stored, mayRepeat: true, cancellationToken);
    }

    [Test]
    public async Task Leaders_that_move_between_slow_brokers_cost_nothing(CancellationToken cancellationToken)
    {
        using LibrdkafkaMockCluster cluster = Start();
        await using KafkaClient kafka = ClientOf(cluster);
        await using Producer<string?, string> producer = CreateProducer(kafka);
        cluster.SetRtt(1, TimeSpan.FromMilliseconds(30));
        cluster.SetRtt(2, TimeSpan.FromMilliseconds(10));

        var results = new List<Task<DeliveryResult>>();
        for (int round = 0; round < 10; round++)
        {
            results.AddRange(Start(producer, cancellationToken, first: results.Count, count: Records / 10));
            for (int partition = 0; partition < Partitions; partition++)
            {
                cluster.MoveLeader(Topic, partition, ((partition + round) % 3) + 1);
            }

            await results[^1];
        }

        await JudgeAsync(cluster, await Task.WhenAll(results), mayRepeat: false, cancellationToken);
    }

    [Test]
    public async Task Brokers_that_go_and_come_back_cost_nothing(CancellationToken cancellationToken)
    {
        using LibrdkafkaMockCluster cluster = Start();
        await using KafkaClient kafka = ClientOf(cluster);
        await using Producer<string?, string> producer = CreateProducer(kafka);

        var results = new List<Task<DeliveryResult>>();
        for (int round = 0; round < 6; round++)
        {
            int broker = (round % 3) + 1;
            cluster.StopBroker(broker);
            results.AddRange(Start(producer, cancellationToken, first: results.Count, count: Records / 6));
            cluster.StartBroker(broker);
            await results[^1];
        }

        await JudgeAsync(cluster, await Task.WhenAll(results), mayRepeat: true, cancellationToken);
    }

    [Test]
    public async Task Answers_later_than_the_request_time_out_cost_nothing(CancellationToken cancellationToken)
    {
        using LibrdkafkaMockCluster cluster = Start();
        KafkaClientOptions options = OptionsOf(cluster);
        options.RequestTimeout = TimeSpan.FromMilliseconds(150);
        await using var kafka = new KafkaClient(options);
        await using Producer<string?, string> producer = CreateProducer(kafka);
        await producer.ProduceAsync(new ProducerRecord<string?, string>("warm", null, "up"), cancellationToken);
        for (int broker = 1; broker <= 3; broker++)
        {
            cluster.PushRequestErrorWithRtt(broker, ApiKey.Produce, ErrorCode.None, TimeSpan.FromMilliseconds(500));
            cluster.PushRequestErrorWithRtt(broker, ApiKey.Produce, ErrorCode.NotEnoughReplicas, TimeSpan.FromMilliseconds(20));
        }

        DeliveryResult[] stored = await Task.WhenAll(Start(producer, cancellationToken));

        await JudgeAsync(cluster, stored, mayRepeat: true, cancellationToken);
    }

    private static LibrdkafkaMockCluster Start()
    {
        var cluster = new LibrdkafkaMockCluster(brokers: 3);
        cluster.CreateTopic(Topic, Partitions, replicationFactor: 3);
        return cluster;
    }

    private static KafkaClientOptions OptionsOf(LibrdkafkaMockCluster cluster) => new()
    {
        BootstrapServers = cluster.BootstrapServers,
        RetryBackoff = TimeSpan.FromMilliseconds(10),
        RetryBackoffMax = TimeSpan.FromMilliseconds(50),
        ReconnectBackoff = TimeSpan.FromMilliseconds(10),
        ReconnectBackoffMax = TimeSpan.FromMilliseconds(50),
    };

    private static KafkaClient ClientOf(LibrdkafkaMockCluster cluster) => new(OptionsOf(cluster));

    private static Producer<string?, string> CreateProducer(KafkaClient kafka, int maxInFlight = 1) =>
        kafka.CreateProducer<string?, string>(new ProducerOptions { BatchSize = 2_048, MaxInFlight = maxInFlight });

    private static Task<DeliveryResult>[] Start(Producer<string?, string> producer, CancellationToken cancellationToken, int first = 0, int count = Records) =>
    [
        .. Enumerable.Range(first, count)
            .Select(n => producer.ProduceAsync(new ProducerRecord<string?, string>(Topic, null, $"{n}") { Partition = n % Partitions }, cancellationToken).AsTask()),
    ];

    private static async Task JudgeAsync(LibrdkafkaMockCluster cluster, DeliveryResult[] stored, bool mayRepeat, CancellationToken cancellationToken, bool isOrdered = true)
    {
        ProcessResult read = await Kcat.RunAsync(
            "", TimeSpan.FromSeconds(60), cancellationToken, "-C", "-b", cluster.BootstrapServers, "-t", Topic, "-o", "beginning", "-e", "-q", "-f", "%p %o %s\n");
        int[][] lines = [.. read.EnsureSuccess().Lines.Select(l => l.Split(' ').Select(f => int.Parse(f, CultureInfo.InvariantCulture)).ToArray())];
        var log = lines.ToDictionary(l => (l[0], (long)l[1]), l => l[2]);
        for (int partition = 0; partition < Partitions; partition++)
        {
            IEnumerable<int> numbers = lines.Where(l => l[0] == partition).Select(l => l[2]);
            numbers = mayRepeat ? numbers.Distinct() : numbers;
            Assert.That(isOrdered ? numbers : numbers.Order(), Is.EqualTo(Enumerable.Range(0, stored.Length).Where(n => n % Partitions == partition)));
        }

        Assert.That(stored.Select(s => log[(s.Partition, s.Offset)]), Is.EqualTo(Enumerable.Range(0, stored.Length)));
    }
}
