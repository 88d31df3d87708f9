using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>The idempotent producer against the embedded cluster, which has Kafka's rules of sequences.</summary>
public class IdempotenceTests : ProducerTest
{
    private const int Records = 400;

    private static readonly ErrorCode[] Final = [ErrorCode.TopicAuthorizationFailed, ErrorCode.InvalidRecord, ErrorCode.UnknownServerError, ErrorCode.InvalidTimestamp];

    [Test]
    public async Task A_batch_that_fails_for_good_takes_no_other_with_it([ValueSource(nameof(Final))] ErrorCode error, [Values(0, 1, 3)] int n, CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256 });
        Cluster.Fail(ApiKey.Produce, error, new FaultScope { Skip = n });

        Task<DeliveryResult>[] results = Start(producer, cancellationToken);
        await Task.WhenAll(results.Select(r => ((Task)r).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)));

        Task<DeliveryResult>[] failed = [.. results.Where(r => r.IsFaulted)];
        Assert.That(failed, Is.Not.Empty.And.Length.LessThan(Records / 2));
        DeliveryStatus expected = error == ErrorCode.UnknownServerError ? DeliveryStatus.Unknown : DeliveryStatus.NotStored;
        Assert.That(failed.Select(f => ((DeliveryException)f.Exception!.InnerException!).Status), Is.All.EqualTo(expected));
        Assert.That(Values(0), Is.EqualTo(Enumerable.Range(0, Records).Where(i => !results[i].IsFaulted).Select(i => $"{i}")));
        AssertOffsets(results);
        await producer.DisposeAsync();
        Assert.That(Pool.Rented, Is.Zero);
    }

    [Test]
    public async Task Several_batches_of_one_partition_are_on_their_way_at_once(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256 });
        await producer.ProduceAsync(To(0, "first"), cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);

        Task<DeliveryResult>[] results = Start(producer, cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);
        hold.Release();
        await Task.WhenAll(results);

        BatchProducer[] batches = [.. Cluster.Batches(Topic, 0).Select(b => b.Producer)];
        Assert.That(batches.Select(b => b.Epoch), Is.All.Zero);
        Assert.That(batches[^1].BaseSequence, Is.GreaterThan(Records / 2));
        Assert.That(Values(0).Skip(1), Is.EqualTo(Enumerable.Range(0, Records).Select(i => $"{i}")));
    }

    [Test]
    public async Task A_failure_for_good_moves_every_partition_to_the_next_epoch(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        await producer.ProduceAsync(To(0, "a"), cancellationToken);
        await producer.ProduceAsync(To(1, "a"), cancellationToken);
        Cluster.FailNext(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed);
        await ProducerFaultTests.FailureOfAsync(producer.ProduceAsync(To(0, "lost"), cancellationToken));

        await producer.ProduceAsync(To(0, "b"), cancellationToken);
        await producer.ProduceAsync(To(1, "b"), cancellationToken);

        for (int partition = 0; partition < 2; partition++)
        {
            Assert.That(Cluster.Batches(Topic, partition).Select(b => (b.Producer.Epoch, b.Producer.BaseSequence)), Is.EqualTo(new[] { ((short)0, 0), ((short)1, 0) }));
        }

        Assert.That(Cluster.ReceivedCount(ApiKey.InitProducerId), Is.EqualTo(1), "the epoch is counted by the client");
    }

    [Test]
    public async Task A_batch_that_expires_unanswered_is_unknown_and_never_overtaken(CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.TimeProvider = time;
        await using var kafka = new KafkaClient(options);
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(new ProducerOptions { DeliveryTimeout = TimeSpan.FromSeconds(3) });
        await producer.ProduceAsync(To(0, "0"), cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        ValueTask<DeliveryResult> expiring = producer.ProduceAsync(To(0, "1"), cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);
        time.Advance(TimeSpan.FromSeconds(4));

        DeliveryException? failure = await ProducerFaultTests.FailureOfAsync(expiring);
        hold.Release();
        await producer.ProduceAsync(To(0, "2"), cancellationToken);

        Assert.That(failure!.Status, Is.EqualTo(DeliveryStatus.Unknown));
        Assert.That(Values(0), Is.EqualTo(new[] { "0", "1", "2" }));
    }

    [Test]
    public async Task A_producer_id_is_asked_for_until_it_is_given(CancellationToken cancellationToken)
    {
        Cluster.FailNext(ApiKey.InitProducerId, ErrorCode.CoordinatorLoadInProgress, 2);
        Cluster.DropConnection(ApiKey.InitProducerId, new FaultScope { Skip = 2 });
        await using Producer<string?, string?> producer = CreateProducer();

        Assert.That((await producer.ProduceAsync(To(0, "x"), cancellationToken)).Offset, Is.Zero);
        Assert.That(Cluster.ReceivedCount(ApiKey.InitProducerId), Is.EqualTo(4));
    }

    [Test]
    public async Task Brokers_that_give_no_producer_id_end_the_producer_and_it_says_why(CancellationToken cancellationToken)
    {
        Cluster.FailNext(ApiKey.InitProducerId, ErrorCode.ClusterAuthorizationFailed);
        await using Producer<string?, string?> producer = CreateProducer();

        DeliveryException? failure = await ProducerFaultTests.FailureOfAsync(producer.ProduceAsync(To(0, "x"), cancellationToken));

        Assert.That(failure!.Message, Does.Contain("CLUSTER_AUTHORIZATION_FAILED").And.Contain("Idempotence"));
        Assert.That(failure.Status, Is.EqualTo(DeliveryStatus.NotStored));
        await Assert.ThatAsync(async () => await producer.EnqueueAsync(To(0, "y"), cancellationToken), Throws.InstanceOf<KafkaException>().With.Message.Contains("Idempotence"));
    }

    [Test]
    public async Task A_topic_made_anew_goes_on(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256 });
        await Task.WhenAll(Start(producer, cancellationToken));
        Cluster.DeleteTopic(Topic);
        Cluster.CreateTopic(Topic, partitions: 3);

        Task<DeliveryResult>[] results = Start(producer, cancellationToken);
        await Task.WhenAll(results);

        Assert.That(Values(0), Is.EqualTo(Enumerable.Range(0, Records).Select(i => $"{i}")));
    }

    [Test]
    public void What_idempotence_needs_is_said_in_one_message() => Assert.That(
        () => CreateProducer(new ProducerOptions { Acks = Acks.Leader, MaxInFlight = 6 }),
        Throws.ArgumentException.With.Message.Contains("Acks.All").And.Message.Contains("MaxInFlight"));

    [Test]
    public async Task Without_idempotence_batches_name_no_producer(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Idempotence = false });
        await producer.ProduceAsync(To(0, "x"), cancellationToken);

        Assert.That(Cluster.Batches(Topic, 0).Single().Producer, Is.EqualTo(BatchProducer.None));
        Assert.That(Cluster.ReceivedCount(ApiKey.InitProducerId), Is.Zero);
    }

    [Test]
    public async Task Without_idempotence_one_request_at_a_time_keeps_order(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Idempotence = false, MaxInFlight = 1, BatchSize = 256 });
        for (int n = 0; n < 20; n += 2)
        {
            Cluster.Fail(ApiKey.Produce, ErrorCode.NotEnoughReplicas, new FaultScope { Skip = n });
        }

        await Task.WhenAll(Start(producer, cancellationToken));

        Assert.That(Values(0), Is.EqualTo(Enumerable.Range(0, Records).Select(i => $"{i}")));
    }

    private Task<DeliveryResult>[] Start(Producer<string?, string?> producer, CancellationToken cancellationToken) =>
        [.. Enumerable.Range(0, Records).Select(i => producer.ProduceAsync(To(0, $"{i}"), cancellationToken).AsTask())];

    private void AssertOffsets(Task<DeliveryResult>[] results)
    {
        string[] values = Values(0);
        for (int i = 0; i < results.Length; i++)
        {
            if (results[i].IsCompletedSuccessfully && results[i].Result.Offset >= 0)
            {
                Assert.That(values[results[i].Result.Offset], Is.EqualTo($"{i}"));
            }
        }
    }
}
