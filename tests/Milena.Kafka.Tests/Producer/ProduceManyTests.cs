using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer;

/// <summary>Many records in one call, and the view of one topic.</summary>
public class ProduceManyTests : ProducerTest
{
    [Test]
    public async Task Each_record_has_its_outcome_in_the_order_of_the_call(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 512, BufferMemory = 2048 });

        ProduceManyResult result = await producer.ProduceManyAsync(Enumerable.Range(0, 5_000).Select(i => To(i % 3, $"{i}")), cancellationToken);

        Assert.That((result.Count, result.StoredCount, result.AllStored), Is.EqualTo((5_000, 5_000, true)));
        Assert.That(result.Select(o => o.Result.Partition), Is.EqualTo(Enumerable.Range(0, 5_000).Select(i => i % 3)));
        Assert.That(result.Select(o => o.Result.Offset), Is.EqualTo(Enumerable.Range(0, 5_000).Select(i => i / 3)));
        Assert.That(Values(1), Is.EqualTo(Enumerable.Range(0, 5_000).Where(i => i % 3 == 1).Select(i => $"{i}")));
        Assert.That(result.ThrowIfAnyFailed, Throws.Nothing);
    }

    [Test]
    public async Task A_record_that_is_refused_does_not_hide_the_others(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { MaxRequestSize = 2_000 });

        ProduceManyResult result = await producer.ProduceManyAsync(
            [To(0, "a"), To(0, new string('x', 3_000)), To(7, "b"), new ProducerRecord<string?, string?>("", null, "c"), To(0, "d")], cancellationToken);

        Assert.That(result.Select(o => o.Status), Is.EqualTo(new[] { DeliveryStatus.Stored, DeliveryStatus.NotStored, DeliveryStatus.NotStored, DeliveryStatus.NotStored, DeliveryStatus.Stored }));
        Assert.That(result[1].Failure, Is.TypeOf<RecordTooLargeException>());
        Assert.That(result[2].Failure, Is.TypeOf<UnknownPartitionException>());
        Assert.That(result[3].Failure, Is.InstanceOf<ArgumentException>());
        Assert.That(() => result[1].Result, Throws.InvalidOperationException.With.InnerException.SameAs(result[1].Failure));
        Assert.That(result.ThrowIfAnyFailed, Throws.TypeOf<AggregateException>().With.Property("InnerExceptions").Count.EqualTo(3));
        Assert.That(Values(0), Is.EqualTo(new[] { "a", "d" }));
    }

    [TestCase(ErrorCode.TopicAuthorizationFailed, false, DeliveryStatus.NotStored)]
    [TestCase(ErrorCode.UnknownServerError, true, DeliveryStatus.Unknown)]
    public async Task Records_of_a_batch_that_fails_say_whether_they_can_be_stored(ErrorCode error, bool afterHandling, DeliveryStatus expected, CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        bool wasRaised = false;
        producer.DeliveryFailed += (_, _) => wasRaised = true;
        Cluster.Fail(ApiKey.Produce, error, new FaultScope { Topic = Topic, Partition = 1, AfterHandling = afterHandling });

        ProduceManyResult result = await producer.ProduceManyAsync([To(0, "a"), To(1, "b"), To(1, "c"), To(2, "d")], cancellationToken);

        Assert.That(result.Count(o => o.Status == expected && o.Failure is DeliveryException { Partition: 1 }), Is.AtLeast(1));
        Assert.That(result[1].Status, Is.EqualTo(expected));
        Assert.That(result[0].IsStored && result[3].IsStored);
        await producer.FlushAsync(cancellationToken);
        Assert.That(wasRaised, Is.False, "the event is for what nobody awaits");
    }

    [Test]
    public async Task A_topic_that_is_not_there_is_waited_for_once(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { MaxBlock = TimeSpan.FromMilliseconds(300) });
        ProducerRecord<string?, string?>[] records = [.. Enumerable.Range(0, 200).Select(i => new ProducerRecord<string?, string?>(i == 100 ? Topic : "missing", null, "x"))];

        ProduceManyResult result = await producer.ProduceManyAsync(records, cancellationToken);

        Assert.That(result.StoredCount, Is.EqualTo(1));
        Assert.That(result[100].IsStored);
        Assert.That(result.Where(o => !o.IsStored).Select(o => o.Failure).Distinct().Count(), Is.EqualTo(1));
        Assert.That(result[0].Status, Is.EqualTo(DeliveryStatus.NotStored));
    }

    [Test]
    public async Task Cancelled_while_it_waits_the_accepted_records_are_delivered_all_the_same(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        using var patience = new CancellationTokenSource();
        Task<ProduceManyResult> producing = producer.ProduceManyAsync([To(0, "a"), To(0, "b")], patience.Token);
        await hold.WaitForAsync(1, cancellationToken);

        await patience.CancelAsync();
        Assert.That(async () => await producing, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await producer.ProduceManyAsync([To(0, "never")], patience.Token), Throws.InstanceOf<OperationCanceledException>());
        hold.Release();
        await producer.FlushAsync(cancellationToken);

        Assert.That(Values(0), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task No_records_are_no_failure(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();

        ProduceManyResult result = await producer.ProduceManyAsync([], cancellationToken);

        Assert.That((result.Count, result.AllStored), Is.EqualTo((0, true)));
        Assert.That(ProduceRequests, Is.Zero);
    }

    [Test]
    public async Task A_view_of_a_topic_produces_as_the_producer_does(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        TopicProducer<string?, string?> payments = producer.ForTopic(Topic);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_600_000_000_123);

        DeliveryResult keyed = await payments.ProduceAsync("key", "a", cancellationToken);
        DeliveryResult placed = await payments.ProduceAsync(new TopicRecord<string?, string?>("key", "b") { Partition = 2, Timestamp = time, Headers = new Headers { { "h", "1" } } }, cancellationToken);
        await payments.EnqueueAsync("key", "c", cancellationToken);
        await payments.EnqueueAsync(new TopicRecord<string?, string?>("key", "d") { Partition = 2 }, cancellationToken);
        ProduceManyResult many = await payments.ProduceManyAsync([new("key", "e") { Partition = 2 }, new("key", "f") { Partition = 2 }], cancellationToken);
        await producer.FlushAsync(cancellationToken);

        Assert.That(payments.Topic, Is.EqualTo(Topic));
        Assert.That(keyed.Partition, Is.EqualTo((await producer.ProduceAsync(Topic, "key", "x", cancellationToken)).Partition));
        Assert.That((placed.Topic, placed.Partition, placed.Timestamp), Is.EqualTo((Topic, 2, time)));
        Assert.That(Cluster.Records(Topic, 2).First(r => r.Offset == placed.Offset).Headers, Has.Count.EqualTo(1));
        Assert.That(many.AllStored);
        Assert.That(Enumerable.Range(0, 3).SelectMany(p => Values(p)), Is.EquivalentTo(new[] { "a", "b", "c", "d", "e", "f", "x" }));
        Assert.That(() => producer.ForTopic(""), Throws.InstanceOf<ArgumentException>());
    }
}
