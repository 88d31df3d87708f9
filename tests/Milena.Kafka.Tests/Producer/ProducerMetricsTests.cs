using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>The instruments of a producer.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class ProducerMetricsTests : ProducerTest
{
    private readonly ConcurrentQueue<(string Instrument, double Value, Dictionary<string, object?> Tags)> _measured = new();

    [Test]
    public async Task Batches_requests_and_the_buffer_are_measured(CancellationToken cancellationToken)
    {
        using var factory = new OwnMeterFactory();
        using MeterListener listener = Listen(factory);
        await using (KafkaClient kafka = Client(factory))
        {
            await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>();
            Assert.That((await producer.ProduceManyAsync(Enumerable.Range(0, 100).Select(i => To(0, $"{i}")), cancellationToken)).AllStored);
            listener.RecordObservableInstruments();

            Assert.That(Sum("messaging.client.sent.messages"), Is.EqualTo(100));
            Assert.That(Sum("kafka.producer.batch.records"), Is.EqualTo(100));
            Assert.That(Sum("kafka.producer.sent.bytes"), Is.EqualTo(Cluster.Batches(Topic, 0).Sum(b => b.Bytes.Length)).And.EqualTo(Sum("kafka.producer.batch.size")));
            int batches = Cluster.Batches(Topic, 0).Count;
            Assert.That(Count("messaging.client.operation.duration"), Is.EqualTo(batches));
            Assert.That(Count("kafka.producer.queue.duration"), Is.EqualTo(batches));
            Assert.That(Count("kafka.producer.request.duration"), Is.EqualTo(ProduceRequests));
            Assert.That(Sum("kafka.producer.buffer.limit"), Is.EqualTo(32 * 1024 * 1024));
            Assert.That(Count("kafka.producer.buffer.used"), Is.EqualTo(1));
            Assert.That(Tags("messaging.client.sent.messages"), Is.SupersetOf(new Dictionary<string, object?>
            {
                ["messaging.system"] = "kafka", ["messaging.client.id"] = "metered", ["messaging.destination.name"] = Topic, ["messaging.operation.name"] = "send", ["messaging.operation.type"] = "send",
            }));
            Assert.That(Tags("kafka.producer.request.duration")["kafka.broker.id"], Is.EqualTo($"{Cluster.Leader(Topic, 0)}"));
            Assert.That(_measured.SelectMany(m => m.Tags.Keys), Has.None.EqualTo("error.type"));
        }

        _measured.Clear();
        listener.RecordObservableInstruments();
        Assert.That(_measured, Is.Empty, "a producer that has ended says nothing any more");
    }

    [Test]
    public async Task What_is_on_its_way_is_seen_by_broker(CancellationToken cancellationToken)
    {
        using var factory = new OwnMeterFactory();
        using MeterListener listener = Listen(factory);
        await using KafkaClient kafka = Client(factory);
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>();
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        Task<DeliveryResult> stored = producer.ProduceAsync(To(0, "x"), cancellationToken).AsTask();
        await hold.WaitForAsync(1, cancellationToken);

        listener.RecordObservableInstruments();

        Assert.That(Sum("kafka.producer.requests.in_flight"), Is.EqualTo(1));
        Assert.That(Tags("kafka.producer.requests.in_flight")["kafka.broker.id"], Is.EqualTo($"{Cluster.Leader(Topic, 0)}"));
        Assert.That(Sum("kafka.producer.buffer.used"), Is.GreaterThan(0).And.AtMost(64 * 1024));
        hold.Release();
        await stored;
    }

    [Test]
    public async Task Failures_and_retries_name_their_reason(CancellationToken cancellationToken)
    {
        using var factory = new OwnMeterFactory();
        using MeterListener listener = Listen(factory);
        await using KafkaClient kafka = Client(factory);
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>();
        Cluster.FailNext(ApiKey.Produce, ErrorCode.NotEnoughReplicas, 2);
        await producer.ProduceAsync(To(0, "x"), cancellationToken);
        Cluster.FailNext(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed);
        await ProducerFaultTests.FailureOfAsync(producer.ProduceAsync(To(0, "x"), cancellationToken));

        Assert.That(Sum("kafka.producer.retries"), Is.EqualTo(2));
        Assert.That(Tags("kafka.producer.retries")["error.type"], Is.EqualTo("NOT_ENOUGH_REPLICAS"));
        Assert.That(_measured.Count(m => m.Instrument == "messaging.client.sent.messages" && Equals(m.Tags.GetValueOrDefault("error.type"), "TOPIC_AUTHORIZATION_FAILED")), Is.EqualTo(1));
        Assert.That(Sum("kafka.producer.batch.records"), Is.EqualTo(1), "of stored batches only");
        Assert.That(Sum("kafka.producer.epoch.bumps"), Is.EqualTo(1), "the failed batch left a gap");
    }

    private KafkaClient Client(IMeterFactory factory)
    {
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.ClientId = "metered";
        options.MeterFactory = factory;
        return new KafkaClient(options);
    }

    private MeterListener Listen(OwnMeterFactory factory)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, new Dictionary<string, object?>(tags.ToArray()))));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, new Dictionary<string, object?>(tags.ToArray()))));
        listener.Start();
        return listener;
    }

    private double Sum(string instrument) => _measured.Where(m => m.Instrument == instrument).Sum(m => m.Value);

    private int Count(string instrument) => _measured.Count(m => m.Instrument == instrument);

    private Dictionary<string, object?> Tags(string instrument) => _measured.First(m => m.Instrument == instrument).Tags;
}
