using System.Buffers;
using Milena.Kafka.Compression;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>Codecs as users choose, plug in and meet them.</summary>
[CancelAfter(60_000)]
public class CodecTests
{
    [Test]
    public async Task A_codec_of_the_users_own_writes_and_reads(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        var codec = new CountingCodec(new ZstdCodec());
        await using var kafka = new KafkaClient(Options(cluster, codec));
        await StoreAsync(kafka, "orders", CompressionType.Zstd, cancellationToken);

        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>();
        await consumer.AssignTopicAsync("orders", StartPosition.Beginning, cancellationToken);
        int read = 0;
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            read++;
        }

        Assert.That(read, Is.EqualTo(100));
        Assert.That(codec.Compressed, Is.Positive);
        Assert.That(codec.Decompressed, Is.EqualTo(codec.Compressed));
    }

    [TestCase("uncompressed", CompressionType.None)]
    [TestCase("gzip", CompressionType.Gzip)]
    [TestCase("snappy", CompressionType.Snappy)]
    [TestCase("lz4", CompressionType.Lz4)]
    [TestCase("zstd", CompressionType.Zstd)]
    public async Task What_a_broker_compresses_anew_is_read_as_it_was_written(string wanted, CompressionType stored, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        cluster.CreateTopic("orders", configs: new Dictionary<string, string> { ["compression.type"] = wanted });
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        foreach (CompressionType produced in Enum.GetValues<CompressionType>())
        {
            await StoreAsync(kafka, "orders", produced, cancellationToken);
        }

        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>();
        await consumer.AssignTopicAsync("orders", StartPosition.Beginning, cancellationToken);
        var read = new List<(long, string)>();
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            read.Add((record.Offset, record.Key));
        }

        Assert.That(cluster.Batches("orders", 0).Select(batch => batch.Compression), Is.All.EqualTo(stored));
        Assert.That(read, Is.EqualTo(Enumerable.Range(0, 500).Select(i => ((long)i, $"{i % 100}"))));
    }

    [Test]
    public async Task A_batch_that_cannot_be_decompressed_stops_its_partition_only(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using (var sound = new KafkaClient(cluster.BootstrapServers))
        {
            await StoreAsync(sound, "bad", CompressionType.Zstd, cancellationToken);
            await StoreAsync(sound, "good", CompressionType.Gzip, cancellationToken);
        }

        await using var kafka = new KafkaClient(Options(cluster, new BrokenCodec()));
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>();
        consumer.Assign(new PartitionStart("bad", 0, StartPosition.Beginning), new PartitionStart("good", 0, StartPosition.Beginning));
        int good = 0;
        CorruptRecordException? failure = null;
        while (failure is null || good < 100)
        {
            try
            {
                await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
                {
                    Assert.That(record.Topic, Is.EqualTo("good"));
                    if (++good == 100 && failure is not null)
                    {
                        break;
                    }
                }
            }
            catch (CorruptRecordException fault)
            {
                failure = fault;
                consumer.Seek(fault.Partition, StartPosition.End);
            }
        }

        Assert.That(failure.Partition, Is.EqualTo(new TopicPartition("bad", 0)));
        Assert.That(failure.Offset, Is.Zero);
        Assert.That(failure.Message, Does.Contain("bad").And.Contain("0"));
    }

    [TestCase(CompressionType.Gzip, 10)]
    [TestCase(CompressionType.Lz4, 18)]
    [TestCase(CompressionType.Zstd, 23)]
    [TestCase((CompressionType)5, null)]
    public async Task A_codec_or_level_that_is_not_there_is_refused_at_once(CompressionType compression, int? level)
    {
        await using var kafka = new KafkaClient("localhost:1");

        Assert.That(
            () => kafka.CreateProducer<string, string>(new ProducerOptions { Compression = compression, CompressionLevel = level }),
            Throws.ArgumentException.With.Message.Contains("Compression"));
    }

    private static KafkaClientOptions Options(TestCluster cluster, ICompressionCodec zstd) => new()
    {
        BootstrapServers = cluster.BootstrapServers,
        Codecs = CompressionCodecs.Default.With(CompressionType.Zstd, zstd),
    };

    private static async Task StoreAsync(KafkaClient kafka, string topic, CompressionType compression, CancellationToken cancellationToken)
    {
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { Compression = compression });
        for (int i = 0; i < 100; i++)
        {
            await producer.EnqueueAsync(topic, $"{i}", new string('x', 200), cancellationToken);
        }

        await producer.FlushAsync(cancellationToken);
    }

    private sealed class CountingCodec(ICompressionCodec inner) : ICompressionCodec
    {
        private int _compressed;
        private int _decompressed;

        public int Compressed => _compressed;

        public int Decompressed => _decompressed;

        public string Name => inner.Name;

        public void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null)
        {
            inner.Compress(source, destination, level);
            if (!source.IsEmpty)
            {
                Interlocked.Increment(ref _compressed);
            }
        }

        public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize)
        {
            inner.Decompress(source, destination, maxOutputSize);
            Interlocked.Increment(ref _decompressed);
        }
    }

    private sealed class BrokenCodec : ICompressionCodec
    {
        public string Name => "broken";

        public void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null) => throw new NotSupportedException();

        public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize) => throw new InvalidDataException("broken: nothing can be read");
    }
}
