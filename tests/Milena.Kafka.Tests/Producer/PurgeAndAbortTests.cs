using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>What is dropped, what is known of it, and that the producer goes on or ends in time.</summary>
public class PurgeAndAbortTests : ProducerTest
{
    private const int BatchSize = 1_000;

    [Test]
    public async Task Purge_drops_what_is_queued_and_leaves_what_is_on_its_way([Values] bool idempotence, CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = BatchSize, MaxInFlight = 1, Idempotence = idempotence });
        int reported = 0;
        producer.DeliveryFailed += (_, failed) => Interlocked.Add(ref reported, failed.RecordCount);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        Task<DeliveryResult> sent = producer.ProduceAsync(To(0, "sent"), cancellationToken).AsTask();
        await hold.WaitForAsync(1, cancellationToken);
        ValueTask<DeliveryResult> awaited = producer.ProduceAsync(To(0, "dropped"), CancellationToken.None);
        for (int i = 0; i < 200; i++)
        {
            await producer.EnqueueAsync(To(0, $"dropped {i}"), cancellationToken);
        }

        int purged = producer.Purge();
        DeliveryException? failure = await ProducerFaultTests.FailureOfAsync(awaited);
        hold.Release();
        await producer.FlushAsync(cancellationToken);

        Assert.That(purged, Is.EqualTo(201));
        Assert.That(failure!.Status, Is.EqualTo(DeliveryStatus.NotStored));
        Assert.That(failure.Message, Does.Contain("purged"));
        Assert.That(reported, Is.EqualTo(200));
        Assert.That((await sent).Offset, Is.Zero);
        Assert.That((await producer.ProduceAsync(To(0, "next"), cancellationToken)).Offset, Is.EqualTo(1));
        Assert.That(Values(0), Is.EqualTo(new[] { "sent", "next" }));
        await producer.DisposeAsync();
        Assert.That(Pool.Rented, Is.Zero);
    }

    [TestCase(ErrorCode.NotEnoughReplicas, false, DeliveryStatus.NotStored)]
    [TestCase(ErrorCode.RequestTimedOut, true, DeliveryStatus.Unknown)]
    public async Task A_batch_that_waits_to_go_again_is_dropped_with_its_sequence_numbers(ErrorCode error, bool afterHandling, DeliveryStatus expected, CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        using var log = new RecordingLoggerFactory();
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.TimeProvider = time;
        options.LoggerFactory = log;
        options.RetryBackoff = options.RetryBackoffMax = TimeSpan.FromSeconds(1);
        await using var kafka = new KafkaClient(options);
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>();
        Cluster.Fail(ApiKey.Produce, error, new FaultScope { AfterHandling = afterHandling });
        ValueTask<DeliveryResult> refused = producer.ProduceAsync(To(0, "refused"), CancellationToken.None);
        await log.WhenLoggedAsync(300).WaitAsync(cancellationToken);
        int purged = producer.Purge();
        DeliveryException? failure = await ProducerFaultTests.FailureOfAsync(refused);
        ValueTask<DeliveryResult> next = producer.ProduceAsync(To(0, "next"), CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(2));
        await next.AsTask().WaitAsync(cancellationToken);

        Assert.That(purged, Is.EqualTo(1));
        Assert.That(failure!.Status, Is.EqualTo(expected));
        Assert.That(Values(0), Is.EqualTo(afterHandling ? new[] { "refused", "next" } : new[] { "next" }));
        Assert.That(Cluster.Batches(Topic, 0)[^1].Producer.Epoch, Is.EqualTo(1), "a newer identity: the row has a gap");
        Assert.That(log.Of(306), Has.Length.EqualTo(1));
        Assert.That(log.Of(309), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Purge_while_many_produce_ends_every_record_once(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256, BufferMemory = 16 * 1024 });
        using var done = new CancellationTokenSource();
        Task<RecordOutcome[]>[] callers = [.. Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
            (RecordOutcome[])[.. await producer.ProduceManyAsync(Enumerable.Range(0, 3_000).Select(i => To(i % 3, $"{caller}:{i:0000}")), cancellationToken)]))];
        Task purging = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                producer.Purge();
                await Task.Yield();
            }
        }, CancellationToken.None);
        RecordOutcome[][] outcomes = await Task.WhenAll(callers);
        await done.CancelAsync();
        await purging;
        await producer.ProduceAsync(To(0, "after"), cancellationToken);

        string[] expected = [.. outcomes.SelectMany((all, caller) => all.Select((o, i) => (o, $"{caller}:{i:0000}"))).Where(p => p.o.IsStored).Select(p => p.Item2), "after"];
        Assert.That(Enumerable.Range(0, 3).SelectMany(p => Values(p)), Is.EquivalentTo(expected), "the log has what was acknowledged: nothing failed on its way, so that nothing is unknown");
        Assert.That(outcomes.SelectMany(o => o).Select(o => o.Status), Is.All.Not.EqualTo(DeliveryStatus.Unknown));
        foreach (int partition in Enumerable.Range(0, 3))
        {
            foreach (IGrouping<char, string> caller in Values(partition).Where(v => v != "after").GroupBy(v => v[0]))
            {
                Assert.That(caller, Is.Ordered);
            }
        }

        await producer.DisposeAsync();
        Assert.That(Pool.Rented, Is.Zero);
    }

    [Test]
    public async Task Abort_tells_what_is_surely_not_stored_from_what_is_not_known(CancellationToken cancellationToken)
    {
        Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = BatchSize, BufferMemory = 2 * BatchSize, MaxInFlight = 1, CloseTimeout = TimeSpan.FromMinutes(10) });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);
        ValueTask<DeliveryResult> sent = producer.ProduceAsync(To(0, "sent"), CancellationToken.None);
        await hold.WaitForAsync(1, cancellationToken);
        ValueTask<DeliveryResult> queued = producer.ProduceAsync(To(0, "queued"), CancellationToken.None);
        ValueTask<DeliveryResult> waiting = producer.ProduceAsync(To(0, new string('x', 950)), CancellationToken.None);

        await producer.AbortAsync();

        Assert.That((await ProducerFaultTests.FailureOfAsync(sent))!.Status, Is.EqualTo(DeliveryStatus.Unknown));
        Assert.That((await ProducerFaultTests.FailureOfAsync(queued))!.Status, Is.EqualTo(DeliveryStatus.NotStored));
        Assert.That(async () => await waiting, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(async () => await producer.ProduceAsync(To(0, "late"), cancellationToken), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(producer.Purge, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(Pool.Rented, Is.Zero);
        await producer.DisposeAsync();
    }

    [Test]
    public async Task A_close_that_takes_too_long_is_cut_short_by_its_token_or_by_abort([Values] bool byToken, CancellationToken cancellationToken)
    {
        using var log = new RecordingLoggerFactory();
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.LoggerFactory = log;
        await using var kafka = new KafkaClient(options);
        Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(new ProducerOptions { CloseTimeout = TimeSpan.FromMinutes(10) });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);
        ValueTask<DeliveryResult> sent = producer.ProduceAsync(To(0, "sent"), CancellationToken.None);
        await hold.WaitForAsync(1, cancellationToken);
        using var patience = new CancellationTokenSource();
        Task closing = byToken ? producer.CloseAsync(patience.Token).AsTask() : producer.DisposeAsync().AsTask();
        Assert.That(closing.IsCompleted, Is.False);

        Task ending = byToken ? patience.CancelAsync() : producer.AbortAsync().AsTask();
        await ending.WaitAsync(cancellationToken);
        await closing.WaitAsync(cancellationToken);

        Assert.That((await ProducerFaultTests.FailureOfAsync(sent))!.Status, Is.EqualTo(DeliveryStatus.Unknown));
        Assert.That(log.Of(315).Single().Message, Does.Contain("1 records of 1 batches"));
    }

    [Test]
    public async Task Closing_delivers_what_was_accepted(CancellationToken cancellationToken)
    {
        Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Linger = TimeSpan.FromMinutes(1) });
        for (int i = 0; i < 1_000; i++)
        {
            await producer.EnqueueAsync(To(0, $"{i}"), cancellationToken);
        }

        await producer.CloseAsync(cancellationToken);

        Assert.That(Values(0), Is.EqualTo(Enumerable.Range(0, 1_000).Select(i => $"{i}")));
    }

    [Test]
    public async Task A_close_with_leftovers_says_so_in_one_line(CancellationToken cancellationToken)
    {
        using var log = new RecordingLoggerFactory();
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.LoggerFactory = log;
        await using var kafka = new KafkaClient(options);
        Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(new ProducerOptions { BatchSize = 256, CloseTimeout = TimeSpan.Zero, MaxInFlight = 1 });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);
        await producer.EnqueueAsync(To(0, "sent"), cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);
        for (int i = 0; i < 100; i++)
        {
            await producer.EnqueueAsync(To(0, $"{i}"), cancellationToken);
        }

        await producer.DisposeAsync();

        Assert.That(log.Of(308).Single().Message, Does.Contain("101 records").And.Contain("100 are surely not stored").And.Contain("of 1 it is not known"));
        Assert.That(log.Of(301), Is.Empty, "no line for each batch");
    }
}
