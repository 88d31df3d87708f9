using System.Net;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Network;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>Full buffers, cancelled callers, stuck brokers and the end.</summary>
public class ProducerWaitTests : ProducerTest
{
    private const int BatchSize = 1_000;

    [Test]
    public async Task A_full_buffer_is_waited_for_and_callers_go_in_order(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = BatchSize, BufferMemory = 2 * BatchSize });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        string filler = new('x', 300);
        var accepted = new List<Task>();
        for (int i = 0; i < 20; i++)
        {
            accepted.Add(producer.EnqueueAsync(To(0, $"{i:00}{filler}"), cancellationToken).AsTask());
        }

        await hold.WaitForAsync(1, cancellationToken);
        Assert.That(accepted[^1].IsCompleted, Is.False);
        Assert.That(Pool.Rented, Is.LessThanOrEqualTo(2));
        hold.Release();
        await Task.WhenAll(accepted);
        await producer.FlushAsync(cancellationToken);

        Assert.That(Values(0).Select(v => v[..2]), Is.EqualTo(Enumerable.Range(0, 20).Select(i => $"{i:00}")));
    }

    [Test]
    public async Task A_buffer_that_stays_full_is_said_after_MaxBlock(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(
            new ProducerOptions { BatchSize = BatchSize, BufferMemory = BatchSize, MaxBlock = TimeSpan.FromMilliseconds(200) });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        Task<DeliveryResult> first = producer.ProduceAsync(To(0, "first"), cancellationToken).AsTask();
        await hold.WaitForAsync(1, cancellationToken);

        Assert.That(async () => await producer.EnqueueAsync(To(0, "second"), cancellationToken), Throws.TypeOf<BufferExhaustedException>().With.Message.Contains("MaxBlock"));

        hold.Release();
        await first;
        Assert.That((await producer.ProduceAsync(To(0, "third"), cancellationToken)).Offset, Is.EqualTo(1));
    }

    [Test]
    public async Task Threads_that_wait_for_room_keep_their_order_each(CancellationToken cancellationToken)
    {
        const int threads = 8;
        const int each = 300;
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = BatchSize, BufferMemory = 2 * BatchSize });

        await Task.WhenAll(Enumerable.Range(0, threads).Select(t => Task.Run(
            async () =>
            {
                var accepting = new List<Task>();
                for (int i = 0; i < each; i++)
                {
                    accepting.Add(producer.EnqueueAsync(To(0, $"{t}:{i:0000}"), cancellationToken).AsTask());
                }

                await Task.WhenAll(accepting);
            },
            cancellationToken)));
        await producer.FlushAsync(cancellationToken);

        foreach (IGrouping<char, string?> ofThread in Values(0).GroupBy(v => v![0]))
        {
            Assert.That(ofThread.ToList(), Has.Count.EqualTo(each).And.Ordered);
        }
    }

    [Test]
    public async Task A_batch_grows_with_its_records_up_to_BatchSize(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 32 * 1024 });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        await producer.EnqueueAsync(To(0, "first"), cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);
        for (int i = 0; i < 100; i++)
        {
            await producer.EnqueueAsync(To(0, $"{i:000}{new string('x', 500)}"), cancellationToken);
        }

        hold.Release();
        await producer.FlushAsync(cancellationToken);

        Assert.That(Cluster.Batches(Topic, 0).Max(b => b.Bytes.Length), Is.InRange(31 * 1024, 32 * 1024));
        Assert.That(Values(0).Skip(1).Select(v => v![..3]), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"{i:000}")));
    }

    [Test]
    public async Task Cancelled_before_acceptance_nothing_is_queued(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = BatchSize, BufferMemory = BatchSize });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        Task<DeliveryResult> first = producer.ProduceAsync(To(0, "first"), cancellationToken).AsTask();
        await hold.WaitForAsync(1, cancellationToken);
        using var patience = new CancellationTokenSource();
        Task waiting = producer.EnqueueAsync(To(0, "never"), patience.Token).AsTask();
        Task behind = producer.EnqueueAsync(To(0, "behind"), cancellationToken).AsTask();

        await patience.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await producer.ProduceAsync(To(0, "never"), patience.Token), Throws.InstanceOf<OperationCanceledException>());
        hold.Release();
        await first;
        await behind;
        await producer.FlushAsync(cancellationToken);

        Assert.That(Values(0), Is.EqualTo(new[] { "first", "behind" }));
    }

    [Test]
    public async Task Cancelled_while_the_topic_is_looked_up_nothing_is_queued(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        using RequestHold hold = Cluster.Hold(ApiKey.Metadata);
        using var patience = new CancellationTokenSource();
        Task<DeliveryResult> waiting = producer.ProduceAsync(To(0, "never"), patience.Token).AsTask();
        Task<DeliveryResult> behind = producer.ProduceAsync(To(0, "behind"), cancellationToken).AsTask();
        await hold.WaitForAsync(1, cancellationToken);

        await patience.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        hold.Release();

        Assert.That((await behind).Offset, Is.Zero);
        Assert.That(Values(0), Is.EqualTo(new[] { "behind" }));
    }

    [Test]
    public async Task Cancelled_after_acceptance_only_the_waiting_ends(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        using var patience = new CancellationTokenSource();
        Task<DeliveryResult> waiting = producer.ProduceAsync(To(0, "x"), patience.Token).AsTask();
        await hold.WaitForAsync(1, cancellationToken);

        await patience.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        hold.Release();
        await producer.FlushAsync(cancellationToken);

        Assert.That(Values(0), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public async Task Disposing_delivers_what_was_accepted(CancellationToken cancellationToken)
    {
        Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Linger = TimeSpan.FromMinutes(1) });
        for (int i = 0; i < 1_000; i++)
        {
            await producer.EnqueueAsync(To(i % 3, $"{i}"), cancellationToken);
        }

        await producer.DisposeAsync();
        await producer.DisposeAsync();

        Assert.That(Enumerable.Range(0, 3).Sum(p => Cluster.EndOffset(Topic, p)), Is.EqualTo(1_000));
        Assert.That(async () => await producer.ProduceAsync(To(0, "late"), cancellationToken), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(async () => await producer.EnqueueAsync(To(0, "late"), cancellationToken), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(async () => await producer.FlushAsync(cancellationToken), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(Pool.Rented, Is.Zero);
    }

    [Test]
    public async Task Disposing_with_a_stuck_broker_ends_in_time_and_fails_the_rest(CancellationToken cancellationToken)
    {
        Producer<string?, string?> producer = CreateProducer(
            new ProducerOptions { BatchSize = BatchSize, BufferMemory = 2 * BatchSize, CloseTimeout = TimeSpan.FromMilliseconds(200) });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);
        ValueTask<DeliveryResult> sent = producer.ProduceAsync(To(0, "sent"), CancellationToken.None);
        await hold.WaitForAsync(1, cancellationToken);
        ValueTask<DeliveryResult> queued = producer.ProduceAsync(To(0, "queued"), CancellationToken.None);
        ValueTask<DeliveryResult> waiting = producer.ProduceAsync(To(0, new string('x', 950)), CancellationToken.None);

        await producer.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), cancellationToken);

        Assert.That((await ProducerFaultTests.FailureOfAsync(sent))!.Status, Is.EqualTo(DeliveryStatus.Unknown));
        Assert.That((await ProducerFaultTests.FailureOfAsync(queued))!.Status, Is.EqualTo(DeliveryStatus.NotStored));
        Assert.That(async () => await waiting, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(Pool.Rented, Is.Zero, "the connections are closed: no write holds a buffer");
    }

    [Test]
    public async Task Disposing_without_any_broker_ends_in_time(CancellationToken cancellationToken)
    {
        await using var kafka = new KafkaClient(ClientOptions("127.0.0.1:1"));
        Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { MaxBlock = TimeSpan.FromMinutes(10) });
        Task<DeliveryResult> waiting = producer.ProduceAsync(Topic, "k", "v", cancellationToken).AsTask();

        await producer.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), cancellationToken);

        Assert.That(async () => await waiting, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_cluster_that_cannot_be_reached_says_which_addresses_were_tried(CancellationToken cancellationToken)
    {
        await using var kafka = new KafkaClient(ClientOptions("127.0.0.1:1"));
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { MaxBlock = TimeSpan.FromMilliseconds(300) });

        Assert.That(
            async () => await producer.ProduceAsync(Topic, "k", "v", cancellationToken),
            Throws.InstanceOf<KafkaException>().With.Message.Contains("127.0.0.1:1"));
    }

    [Test]
    public async Task No_buffer_goes_back_while_a_write_still_reads_it(CancellationToken cancellationToken)
    {
        var gate = new GatedStream.Gate();
        await using var kafka = new KafkaClient(ClientOptions(Cluster.BootstrapServers), new GatedConnector(gate));
        var pool = new TrackingPool();
        Producer<string, string> producer = kafka.CreateProducer<string, string>(
            new ProducerOptions { DeliveryTimeout = TimeSpan.FromMilliseconds(500), CloseTimeout = TimeSpan.Zero }, null, null, pool);
        await producer.ProduceAsync(Topic, "k", "warm", cancellationToken);
        gate.Close();

        ValueTask<DeliveryResult> held = producer.ProduceAsync(Topic, "k", new string('x', 5_000), CancellationToken.None);
        await gate.Entered;
        DeliveryException? failure = await ProducerFaultTests.FailureOfAsync(held);

        Assert.That(failure!.Status, Is.EqualTo(DeliveryStatus.Unknown), "the delivery has ended");
        Assert.That(pool.Rented, Is.EqualTo(1), "its buffer has not: the write still reads it");
        gate.Open();
        await producer.DisposeAsync();
        Assert.That(pool.Rented, Is.Zero);
        foreach (string value in Enumerable.Range(0, 3).SelectMany(p => Values(p)))
        {
            Assert.That(value, Is.EqualTo("warm").Or.EqualTo(new string('x', 5_000)), "nothing else got into a batch");
        }
    }

    [Test]
    public async Task A_batch_that_needs_other_numbers_goes_as_soon_as_the_write_before_lets_go_of_it(CancellationToken cancellationToken)
    {
        var gate = new GatedStream.Gate();
        gate.Close();
        using var log = new RecordingLoggerFactory();
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.LoggerFactory = log;
        options.RetryBackoff = options.RetryBackoffMax = TimeSpan.Zero;
        await using var kafka = new KafkaClient(options, new GatedConnector(gate, "marked"u8.ToArray()));
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { Linger = TimeSpan.Zero });
        await producer.ProduceAsync(new ProducerRecord<string, string>(Topic, "k", "warm") { Partition = 0 }, cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        Cluster.Fail(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed, new FaultScope());
        ValueTask<DeliveryResult> refused = producer.ProduceAsync(new ProducerRecord<string, string>(Topic, "k", "refused") { Partition = 0 }, CancellationToken.None);
        await hold.WaitForAsync(1, cancellationToken);
        Task<DeliveryResult> behind = producer.ProduceAsync(new ProducerRecord<string, string>(Topic, "k", "marked") { Partition = 0 }, cancellationToken).AsTask();
        await gate.Entered.WaitAsync(cancellationToken);

        // Its answer comes while the write still holds the buffer: the broker misses the batch before it.
        hold.Release();
        await log.WhenLoggedAsync(300).WaitAsync(cancellationToken);
        gate.Open();

        Assert.That((await behind).Offset, Is.EqualTo(1));
        Assert.That((await ProducerFaultTests.FailureOfAsync(refused))!.Code, Is.EqualTo(ErrorCode.TopicAuthorizationFailed));
        Assert.That(Values(0), Is.EqualTo(new[] { "warm", "marked" }));
    }

    [Test]
    public async Task The_delivery_time_out_goes_by_the_clients_clock(CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.TimeProvider = time;
        await using var kafka = new KafkaClient(options);
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>(
            new ProducerOptions { DeliveryTimeout = TimeSpan.FromSeconds(20), CloseTimeout = TimeSpan.Zero });
        await producer.ProduceAsync(Topic, "k", "warm", cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);
        ValueTask<DeliveryResult> result = producer.ProduceAsync(Topic, "k", "x", CancellationToken.None);
        await hold.WaitForAsync(1, cancellationToken);

        time.Advance(TimeSpan.FromSeconds(19));
        Assert.That(result.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.That((await ProducerFaultTests.FailureOfAsync(result))!.Status, Is.EqualTo(DeliveryStatus.Unknown));
    }

    /// <summary>Sockets whose writes pass a gate.</summary>
    private sealed class GatedConnector(GatedStream.Gate gate, byte[]? marked = null) : ITransportConnector
    {
        private readonly TcpConnector _inner = new();

        public async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken) =>
            new GatedStream(await _inner.ConnectAsync(endpoint, cancellationToken), gate, marked);
    }
}
