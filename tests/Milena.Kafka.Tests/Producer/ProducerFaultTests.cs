using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer;

public class ProducerFaultTests : ProducerTest
{
    [Test]
    public async Task A_retriable_error_is_tried_again_and_nothing_overtakes(
        [Values(ErrorCode.NotLeaderOrFollower, ErrorCode.NotEnoughReplicas, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicId, ErrorCode.CorruptMessage, ErrorCode.RequestTimedOut)] ErrorCode error,
        CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256 });
        Cluster.FailNext(ApiKey.Produce, error, 3);

        Task<DeliveryResult>[] results = [.. Enumerable.Range(0, 300).Select(i => producer.ProduceAsync(To(0, $"{i}"), cancellationToken).AsTask())];
        await Task.WhenAll(results);

        Assert.That(Values(0), Is.EqualTo(Enumerable.Range(0, 300).Select(i => $"{i}")));
        Assert.That(results.Select(r => r.Result.Offset), Is.EqualTo(Enumerable.Range(0, 300)));
    }

    [Test]
    public async Task An_error_that_stays_fails_and_says_that_nothing_was_stored(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        Cluster.FailNext(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed);

        DeliveryException? failure = await FailureOfAsync(producer.ProduceAsync(To(0, "x"), cancellationToken));

        Assert.That((failure!.Topic, failure.Partition, failure.Status, failure.Code), Is.EqualTo((Topic, 0, DeliveryStatus.NotStored, ErrorCode.TopicAuthorizationFailed)));
        Assert.That(failure.Message, Does.Contain("TOPIC_AUTHORIZATION_FAILED").And.Contain("payments-0"));
        Assert.That((await producer.ProduceAsync(To(0, "y"), cancellationToken)).Offset, Is.Zero);
    }

    [Test]
    public async Task An_error_that_says_nothing_of_the_log_is_unknown(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        Cluster.Fail(ApiKey.Produce, ErrorCode.UnknownServerError, new FaultScope { AfterHandling = true });

        DeliveryException? failure = await FailureOfAsync(producer.ProduceAsync(To(0, "x"), cancellationToken));

        Assert.That(failure!.Status, Is.EqualTo(DeliveryStatus.Unknown));
        Assert.That(Values(0), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public async Task A_batch_follows_its_partition_to_the_new_leader(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        await producer.ProduceAsync(To(0, "0"), cancellationToken);
        int next = (Cluster.Leader(Topic, 0) % 3) + 1;
        Cluster.MoveLeader(Topic, 0, next);

        DeliveryResult stored = await producer.ProduceAsync(To(0, "1"), cancellationToken);

        Assert.That(stored.Offset, Is.EqualTo(1));
        Assert.That(Cluster.Received(ApiKey.Produce)[^1].BrokerId, Is.EqualTo(next));
        Assert.That(Values(0), Is.EqualTo(new[] { "0", "1" }));
    }

    [Test]
    public async Task Leaders_that_move_all_the_time_lose_and_reorder_nothing(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 512 });
        Task<DeliveryResult>[] results = new Task<DeliveryResult>[3_000];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = producer.ProduceAsync(To(i % 3, $"{i}"), cancellationToken).AsTask();
            if (i % 100 == 99)
            {
                await results[i];
                Cluster.MoveLeader(Topic, (i / 100) % 3, ((i / 100) % 2) + 1);
            }
        }

        await Task.WhenAll(results);
        for (int partition = 0; partition < 3; partition++)
        {
            Assert.That(Values(partition), Is.EqualTo(Enumerable.Range(0, 1_000).Select(i => $"{(i * 3) + partition}")));
        }
    }

    [Test]
    public async Task A_broker_that_goes_and_comes_back_costs_no_record(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        await producer.ProduceAsync(To(0, "first"), cancellationToken);
        int leader = Cluster.Leader(Topic, 0);

        await Cluster.StopBrokerAsync(leader);
        Task<DeliveryResult> second = producer.ProduceAsync(To(0, "second"), cancellationToken).AsTask();
        await second;
        await Cluster.StartBrokerAsync(leader);
        Cluster.MoveLeader(Topic, 0, leader);
        await producer.ProduceAsync(To(0, "third"), cancellationToken);

        Assert.That(Values(0), Is.EqualTo(new[] { "first", "second", "third" }));
    }

    [Test]
    public async Task A_partition_without_a_leader_waits_for_one(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("single", partitions: 1, replicationFactor: 1);
        await using Producer<string?, string?> producer = CreateProducer();
        await producer.ProduceAsync("single", null, "first", cancellationToken);
        int leader = Cluster.Leader("single", 0);
        await Cluster.StopBrokerAsync(leader);

        Task<DeliveryResult> second = producer.ProduceAsync("single", null, "second", cancellationToken).AsTask();
        Task<DeliveryResult> third = producer.ProduceAsync("single", null, "third", cancellationToken).AsTask();
        await Cluster.WaitForAsync(ApiKey.Metadata, Cluster.ReceivedCount(ApiKey.Metadata) + 2, cancellationToken);
        Assert.That(second.IsCompleted, Is.False);
        await Cluster.StartBrokerAsync(leader);

        Assert.That(((await second).Offset, (await third).Offset), Is.EqualTo((1L, 2L)));
    }

    [Test]
    public async Task A_lost_answer_is_asked_for_again_and_without_idempotence_that_can_double_records([Values] bool idempotence, [Values] bool afterHandling, CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Idempotence = idempotence });
        Cluster.DropConnection(ApiKey.Produce, new FaultScope { AfterHandling = afterHandling });

        DeliveryResult stored = await producer.ProduceAsync(To(0, "x"), cancellationToken);

        bool isDoubled = afterHandling && !idempotence;
        Assert.That(stored.Offset, Is.EqualTo(isDoubled ? 1 : 0));
        Assert.That(Values(0), Is.EqualTo(isDoubled ? ["x", "x"] : new[] { "x" }));
    }

    [Test]
    public async Task A_batch_that_the_broker_calls_too_large_is_split_and_kept_in_order(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("small", partitions: 1, configs: new Dictionary<string, string> { ["max.message.bytes"] = "1000" });
        await using Producer<string?, string?> producer = CreateProducer();
        await producer.ProduceAsync("small", null, "warm", cancellationToken);
        string filler = new('x', 95);

        Task<DeliveryResult>[] results = [.. Enumerable.Range(0, 100).Select(i => producer.ProduceAsync("small", null, $"{i:000}{filler}", cancellationToken).AsTask())];
        await Task.WhenAll(results);

        Assert.That(results.Select(r => r.Result.Offset), Is.EqualTo(Enumerable.Range(1, 100)));
        Assert.That(Values(0, "small").Skip(1), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"{i:000}{filler}")));
        await producer.DisposeAsync();
        Assert.That(Pool.Rented, Is.Zero);
    }

    [Test]
    public async Task A_record_that_the_broker_calls_too_large_fails_alone(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("small", partitions: 1, configs: new Dictionary<string, string> { ["max.message.bytes"] = "1000" });
        await using Producer<string?, string?> producer = CreateProducer();
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        Task<DeliveryResult> warm = producer.ProduceAsync("small", null, "warm", cancellationToken).AsTask();
        await hold.WaitForAsync(1, cancellationToken);

        Task<DeliveryResult> before = producer.ProduceAsync("small", null, "before", cancellationToken).AsTask();
        ValueTask<DeliveryResult> large = producer.ProduceAsync("small", null, new string('x', 2_000), cancellationToken);
        Task<DeliveryResult> after = producer.ProduceAsync("small", null, "after", cancellationToken).AsTask();
        hold.Release();

        DeliveryException? failure = await FailureOfAsync(large);
        Assert.That((failure!.Code, failure.Status), Is.EqualTo((ErrorCode.MessageTooLarge, DeliveryStatus.NotStored)));
        Assert.That(((await warm).Offset, (await before).Offset, (await after).Offset), Is.EqualTo((0L, 1L, 2L)));
    }

    [Test]
    public async Task A_record_larger_than_a_request_is_refused_before_it_is_queued(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { MaxRequestSize = 5_000, BatchSize = 1_000 });

        RecordTooLargeException? refusal = await Assert.ThrowsAsync<RecordTooLargeException>(async () => await producer.EnqueueAsync(To(0, new string('x', 5_000)), cancellationToken));
        Assert.That((await producer.ProduceAsync(To(0, new string('x', 4_000)), cancellationToken)).Offset, Is.Zero, "larger than a batch is fine");

        Assert.That(refusal!.Size, Is.GreaterThan(5_000));
        Assert.That(refusal.Message, Does.Contain("MaxRequestSize").And.Contain(Topic));
    }

    [Test]
    public async Task A_topic_that_is_not_there_is_named_within_MaxBlock(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { MaxBlock = TimeSpan.FromSeconds(1) });
        await producer.ProduceAsync(To(0, "warm"), cancellationToken);

        UnknownTopicException? fault = await Assert.ThrowsAsync<UnknownTopicException>(async () => await producer.ProduceAsync("nowhere", "k", "v", cancellationToken));

        Assert.That(fault!.Topic, Is.EqualTo("nowhere"));
        Assert.That((await producer.ProduceAsync(To(0, "x"), cancellationToken)).Offset, Is.EqualTo(1));
    }

    [Test]
    public async Task A_partition_that_is_not_there_is_named([Values(3, -1)] int partition, CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();

        UnknownPartitionException? fault = await Assert.ThrowsAsync<UnknownPartitionException>(async () => await producer.ProduceAsync(To(partition, "v"), cancellationToken));

        Assert.That(fault!.Partition, Is.EqualTo(new TopicPartition(Topic, partition)));
    }

    [Test]
    public async Task A_topic_deleted_meanwhile_fails_by_the_delivery_time_out(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("doomed", partitions: 1);
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { DeliveryTimeout = TimeSpan.FromMilliseconds(300) });
        await producer.ProduceAsync("doomed", null, "x", cancellationToken);
        Cluster.DeleteTopic("doomed");

        DeliveryException? failure = await FailureOfAsync(producer.ProduceAsync("doomed", null, "y", cancellationToken));

        Assert.That(failure!.Status, Is.EqualTo(DeliveryStatus.NotStored));
        Assert.That(failure.Message, Does.Contain("DeliveryTimeout").And.Contain("doomed-0"));
    }

    [Test]
    public async Task A_broker_that_never_answers_leaves_the_outcome_unknown(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { DeliveryTimeout = TimeSpan.FromMilliseconds(300), CloseTimeout = TimeSpan.Zero });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);

        DeliveryException? failure = await FailureOfAsync(producer.ProduceAsync(To(0, "x"), cancellationToken));

        Assert.That(failure!.Status, Is.EqualTo(DeliveryStatus.Unknown));
        Assert.That(failure.Message, Does.Contain("may be in the log"));
    }

    [Test]
    public async Task A_throwing_handler_of_failures_harms_nothing(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        var told = new List<DeliveryFailedEventArgs>();
        producer.DeliveryFailed += (_, failure) =>
        {
            told.Add(failure);
            throw new InvalidOperationException("the handler's own fault");
        };
        Cluster.FailNext(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed);

        await producer.EnqueueAsync(To(0, "x"), cancellationToken);
        await producer.FlushAsync(cancellationToken);

        Assert.That(told, Has.Count.EqualTo(1));
        Assert.That((told[0].RecordCount, told[0].Exception.Partition), Is.EqualTo((1, 0)));
        Assert.That((await producer.ProduceAsync(To(0, "y"), cancellationToken)).Offset, Is.Zero);
    }

    [Test]
    public async Task A_serializer_that_throws_fails_its_record_alone(CancellationToken cancellationToken)
    {
        await using Producer<string, int> producer = Kafka.CreateProducer<string, int>(valueSerializer: new Moody());

        Assert.That(
            async () => await producer.ProduceAsync(Topic, "k", 13, cancellationToken),
            Throws.TypeOf<SerializationException>().With.Message.Contains("Value").And.InnerException.TypeOf<FormatException>());
        Assert.That((await producer.ProduceAsync(Topic, "k", 12, cancellationToken)).Offset, Is.Zero);
    }

    internal static async Task<DeliveryException?> FailureOfAsync(ValueTask<DeliveryResult> result)
    {
        try
        {
            await result;
            return null;
        }
        catch (DeliveryException failure)
        {
            return failure;
        }
    }

    private sealed class Moody : ISerializer<int>
    {
        public void Serialize(int value, System.Buffers.IBufferWriter<byte> output, SerializationContext context)
        {
            if (value == 13)
            {
                throw new FormatException("not today");
            }

            output.GetSpan(1)[0] = (byte)value;
            output.Advance(1);
        }
    }
}
