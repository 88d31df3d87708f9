using Microsoft.Extensions.Logging;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>What the producer says, and how loud.</summary>
public class ProducerLogTests : ProducerTest
{
    [Test]
    public async Task A_quiet_run_says_nothing_that_a_person_must_read(CancellationToken cancellationToken)
    {
        using var log = new RecordingLoggerFactory();
        await using (KafkaClient kafka = Client(log))
        {
            await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(new ProducerOptions { BatchSize = 256 });
            Assert.That((await producer.ProduceManyAsync(Enumerable.Range(0, 2_000).Select(i => To(i % 3, $"{i}")), cancellationToken)).AllStored);
        }

        Assert.That(log.Events.Where(e => e.Level >= LogLevel.Information), Is.Empty);
        Assert.That(log.Events.Where(e => e.Id is >= 300 and < 400).Select(e => e.Id), Is.EqualTo(new[] { 310, 313 }), "its identity and its end, nothing for each batch");
    }

    [Test]
    public async Task A_leader_that_moves_and_a_batch_that_goes_again_are_said_once_for_each_batch(CancellationToken cancellationToken)
    {
        using var log = new RecordingLoggerFactory();
        await using KafkaClient kafka = Client(log);
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>();
        await producer.ProduceManyAsync(Enumerable.Range(0, 100).Select(i => To(0, $"{i}")), cancellationToken);
        int before = Cluster.Leader(Topic, 0);
        int next = (before % 3) + 1;
        Cluster.MoveLeader(Topic, 0, next);
        Assert.That((await producer.ProduceManyAsync(Enumerable.Range(0, 100).Select(i => To(0, $"{i}")), cancellationToken)).AllStored);

        Assert.That(log.Of(307).Select(e => e.Message), Has.One.Contains($"payments-0 is led by broker {next} now, not by {before}"));
        Assert.That(log.Of(300), Has.Length.InRange(1, 5));
        Assert.That(log.Events.Where(e => e.Level >= LogLevel.Warning), Is.Empty, "it healed by itself");
    }

    [Test]
    public async Task A_producer_that_fails_as_a_whole_says_so_in_one_line_with_the_reason(CancellationToken cancellationToken)
    {
        using var log = new RecordingLoggerFactory();
        await using KafkaClient kafka = Client(log);
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(new ProducerOptions { CloseTimeout = TimeSpan.Zero });
        Cluster.FailNext(ApiKey.InitProducerId, ErrorCode.ClusterAuthorizationFailed);

        DeliveryException? failure = await ProducerFaultTests.FailureOfAsync(producer.ProduceAsync(To(0, "x"), cancellationToken));

        Assert.That(failure!.Status, Is.EqualTo(DeliveryStatus.NotStored));
        await log.WhenLoggedAsync(314).WaitAsync(cancellationToken);
        Assert.That(log.Of(314).Single().Message, Does.Contain("1 records of 1 batches").And.Contain("CLUSTER_AUTHORIZATION_FAILED"));
    }

    private KafkaClient Client(ILoggerFactory log)
    {
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.LoggerFactory = log;
        return new KafkaClient(options);
    }
}
