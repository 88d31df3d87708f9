using System.Buffers;
using System.Diagnostics.Metrics;
using Milena.Kafka.Compression;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>What happens to the loops when something in them goes wrong that nobody thought of.</summary>
public class FailingAsAWholeTests : ProducerTest
{
    private const string Fatal = "fatal";
    private const string Held = "held";

    [Test]
    public async Task A_batch_that_another_loop_holds_keeps_its_buffer_until_that_loop_is_done_with_it(CancellationToken cancellationToken)
    {
        using var codec = new TreacherousCodec();
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.Codecs = CompressionCodecs.Default.With(CompressionType.Gzip, codec);
        await using var kafka = new KafkaClient(options);
        Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(new ProducerOptions { Compression = CompressionType.Gzip, Idempotence = false }, null, null, Pool);
        ValueTask<DeliveryResult> held = producer.ProduceAsync(To(0, Held), CancellationToken.None);
        await codec.Holds.WaitAsync(cancellationToken);

        ValueTask<DeliveryResult> fatal = producer.ProduceAsync(To(1, Fatal), CancellationToken.None);
        DeliveryException? first = await ProducerFaultTests.FailureOfAsync(fatal);
        DeliveryException? second = await ProducerFaultTests.FailureOfAsync(held);
        int rentedWhileHeld = Pool.Rented;
        codec.LetGo();
        await producer.DisposeAsync();

        Assert.That(first!.Message, Does.Contain("treacherous"));
        Assert.That(second!.Status, Is.EqualTo(DeliveryStatus.Unknown));
        Assert.That(rentedWhileHeld, Is.AtLeast(1), "the other loop still reads it");
        Assert.That(Pool.Rented, Is.Zero);
        Assert.That(Cluster.Records(Topic, 0).Select(r => r.Value!.Value.Span[0]), Is.All.EqualTo((byte)'h'), "never what the pool made of the buffer");
        Assert.That(async () => await producer.ProduceAsync(To(2, "late"), cancellationToken), Throws.InstanceOf<Exception>());
    }

    [Test]
    public async Task A_listener_that_throws_at_each_measurement_harms_nobody(CancellationToken cancellationToken)
    {
        using var factory = new OwnMeterFactory();
        using var log = new RecordingLoggerFactory();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Name.StartsWith("kafka.producer", StringComparison.Ordinal))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("long"));
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("double"));
        listener.Start();
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.MeterFactory = factory;
        options.LoggerFactory = log;
        await using var kafka = new KafkaClient(options);
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(new ProducerOptions { BatchSize = 256 }, null, null, Pool);
        Cluster.FailNext(ApiKey.Produce, ErrorCode.NotEnoughReplicas, 2);

        Assert.That((await producer.ProduceManyAsync(Enumerable.Range(0, 100).Select(i => To(i % 3, $"{i}")), cancellationToken)).AllStored);
        Assert.That(log.Of(316), Has.Length.EqualTo(1));
        Assert.That(log.Of(305), Is.Empty);
    }

    /// <summary>Copies; waits in the middle of one value, and throws at another.</summary>
    private sealed class TreacherousCodec : ICompressionCodec, IDisposable
    {
        private readonly TaskCompletionSource _holds = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _letGo = new();

        public string Name => "treacherous";

        public Task Holds => _holds.Task;

        public void LetGo() => _letGo.Set();

        public void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null)
        {
            byte[] before = source.ToArray();
            if (before.AsSpan().IndexOf("fatal"u8) >= 0)
            {
                throw new InvalidOperationException("The codec is treacherous.");
            }

            if (before.AsSpan().IndexOf("held"u8) >= 0)
            {
                _holds.TrySetResult();
                _letGo.Wait();
            }

            CompressionCodecs.Default.Get(CompressionType.Gzip).Compress(in source, destination, level);
        }

        public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize) =>
            CompressionCodecs.Default.Get(CompressionType.Gzip).Decompress(source, destination, maxOutputSize);

        public void Dispose()
        {
            _letGo.Set();
            _letGo.Dispose();
        }
    }
}
