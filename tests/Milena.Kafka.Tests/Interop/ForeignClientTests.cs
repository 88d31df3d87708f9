using System.Globalization;
using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Interop;

/// <summary>kafkajs and kcat on one side of the embedded cluster, our own client on the other.</summary>
[CancelAfter(180_000)]
public class ForeignClientTests
{
    private const int Many = 100_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [Test]
    public async Task Kafkajs_stores_a_hundred_thousand_records_and_reads_them_through_a_group(
        [Values(CompressionType.None, CompressionType.Gzip)] CompressionType compression, CancellationToken cancellationToken)
    {
        SkipUnless(NodeClient.IsAvailable(compression, out string reason), reason);
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 3, cancellationToken: cancellationToken);
        cluster.CreateTopic("many", partitions: 3);
        IEnumerable<NodeRecord> records = Enumerable.Range(0, Many).Select(i => new NodeRecord
        {
            Partition = i % 3,
            Key = i % 10 == 0 ? null : Bytes($"key-{i % 1000}"),
            Value = i % 10 == 1 ? null : Bytes($"{i}"),
            Headers = { ["origin"] = [Bytes("kafkajs")] },
        });

        await NodeClient.ProduceAsync(cluster.BootstrapServers, "many", records, compression, Limit, cancellationToken);
        IReadOnlyList<NodeRecord> consumed = await NodeClient.ConsumeAsync(cluster.BootstrapServers, "many", "readers", Many, Limit, cancellationToken);

        Assert.That(consumed, Has.Count.EqualTo(Many));
        for (int partition = 0; partition < 3; partition++)
        {
            NodeRecord[] own = [.. consumed.Where(r => r.Partition == partition)];
            Assert.That(own.Select(r => r.Offset), Is.EqualTo(Enumerable.Range(0, own.Length).Select(o => (long?)o)));
            Assert.That(own.Select(Text), Is.EqualTo(Enumerable.Range(0, Many).Where(i => i % 3 == partition).Select(Expected)));
        }

        static string Expected(int i) => $"{(i % 10 == 0 ? "null" : $"key-{i % 1000}")}={(i % 10 == 1 ? "null" : i.ToString(CultureInfo.InvariantCulture))} kafkajs";
    }

    [Test]
    public async Task What_kafkajs_stores_our_consumer_reads([Values] CompressionType compression, CancellationToken cancellationToken)
    {
        SkipUnless(NodeClient.IsAvailable(compression, out string reason), reason);
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 3, cancellationToken: cancellationToken);
        cluster.CreateTopic("theirs");
        await NodeClient.ProduceAsync(
            cluster.BootstrapServers,
            "theirs",
            Enumerable.Range(0, 1000).Select(i => new NodeRecord { Key = Bytes($"k{i}"), Value = i == 7 ? null : Bytes($"v{i}"), Timestamp = 1_700_000_000_000 + i, Headers = { ["h"] = [Bytes($"{i}")] } }),
            compression,
            Limit,
            cancellationToken);

        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using Consumer<string, string?> consumer = kafka.CreateConsumer<string, string?>();
        await consumer.AssignTopicAsync("theirs", StartPosition.Beginning, cancellationToken);
        var seen = new List<string>();
        await foreach (ConsumeResult<string, string?> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            seen.Add($"{record.Offset} {record.UnixTimestamp} {record.Key}={record.Value ?? "null"} {Encoding.UTF8.GetString(record.Headers.Single().Value.Span)}");
        }

        Assert.That(seen, Is.EqualTo(Enumerable.Range(0, 1000).Select(i => $"{i} {1_700_000_000_000 + i} k{i}={(i == 7 ? "null" : $"v{i}")} {i}")));
    }

    [Test]
    public async Task What_our_producer_stores_kafkajs_and_kcat_read([Values] CompressionType compression, CancellationToken cancellationToken)
    {
        SkipUnless(NodeClient.IsAvailable(compression, out string reason), reason);
        SkipUnless(Kcat.IsAvailable(out reason), reason);
        await using TestCluster cluster = await TestCluster.StartAsync(brokers: 3, cancellationToken: cancellationToken);
        cluster.CreateTopic("ours");
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using (Producer<string, string?> producer = kafka.CreateProducer<string, string?>(new ProducerOptions { Compression = compression }))
        {
            for (int i = 0; i < 1000; i++)
            {
                var record = new ProducerRecord<string, string?>("ours", $"k{i}", i == 7 ? null : $"v{i}") { Headers = new Headers { { "h", $"{i}" } } };
                await producer.EnqueueAsync(record, cancellationToken);
            }

            await producer.FlushAsync(cancellationToken);
        }

        IReadOnlyList<NodeRecord> node = await NodeClient.FetchAsync(cluster.BootstrapServers, "ours", Limit, cancellationToken);
        ProcessResult kcat = (await Kcat.RunAsync("", Limit, cancellationToken, "-C", "-b", cluster.BootstrapServers, "-t", "ours", "-e", "-q", "-Z", "-f", "%o %k=%s %h\n")).EnsureSuccess();

        Assert.That(node.Select(Text), Is.EqualTo(Enumerable.Range(0, 1000).Select(i => $"k{i}={(i == 7 ? "null" : $"v{i}")} {i}")));
        Assert.That(kcat.Lines, Is.EqualTo(Enumerable.Range(0, 1000).Select(i => $"{i} k{i}={(i == 7 ? "NULL" : $"v{i}")} h={i}")));
    }

    [Test]
    public async Task Large_values_of_every_kind_pass_through_the_codecs_of_npm_and_ours_both_ways(
        [Values(CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd)] CompressionType compression,
        CancellationToken cancellationToken)
    {
        SkipUnless(NodeClient.IsAvailable(compression, out string reason), reason);
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        cluster.CreateTopic("ours");
        cluster.CreateTopic("theirs");
        byte[]?[] values = [.. LargeValues()];
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using (Producer<byte[]?, byte[]?> producer = kafka.CreateProducer<byte[]?, byte[]?>(new ProducerOptions { Compression = compression }))
        {
            foreach (byte[]? value in values)
            {
                await producer.EnqueueAsync("ours", null, value, cancellationToken);
            }

            await producer.FlushAsync(cancellationToken);
        }

        IReadOnlyList<NodeRecord> node = await NodeClient.FetchAsync(cluster.BootstrapServers, "ours", Limit, cancellationToken);
        await NodeClient.ProduceAsync(cluster.BootstrapServers, "theirs", node.Select(r => new NodeRecord { Value = r.Value }), compression, Limit, cancellationToken);
        await using Consumer<byte[]?, byte[]?> consumer = kafka.CreateConsumer<byte[]?, byte[]?>();
        await consumer.AssignTopicAsync("theirs", StartPosition.Beginning, cancellationToken);
        var read = new List<byte[]?>();
        await foreach (ConsumeResult<byte[]?, byte[]?> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            read.Add(record.Value);
        }

        Assert.That(node.Select(r => r.Value), Is.EqualTo(values));
        Assert.That(read, Is.EqualTo(values));
        foreach (string topic in new[] { "ours", "theirs" })
        {
            Assert.That(cluster.Batches(topic, 0).Select(batch => batch.Compression), Has.Some.EqualTo(compression));
        }
    }

    [Test]
    public async Task Our_client_stores_and_reads_a_hundred_thousand_records_on_the_mock_cluster_of_librdkafka(
        [Values(CompressionType.None, CompressionType.Gzip)] CompressionType compression, CancellationToken cancellationToken)
    {
        SkipUnless(LibrdkafkaMockCluster.IsAvailable(out string reason), reason);
        using var cluster = new LibrdkafkaMockCluster(brokers: 3);
        cluster.CreateTopic("many", partitions: 4);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using (Producer<string, int> producer = kafka.CreateProducer<string, int>(new ProducerOptions { Compression = compression }))
        {
            for (int i = 0; i < Many; i++)
            {
                await producer.EnqueueAsync("many", $"k{i % 100}", i, cancellationToken);
            }

            await producer.FlushAsync(cancellationToken);
        }

        var last = new Dictionary<string, int>();
        int read = 0;
        await using Consumer<string, int> consumer = kafka.CreateConsumer<string, int>();
        await consumer.AssignTopicAsync("many", StartPosition.Beginning, cancellationToken);
        await foreach (ConsumeResult<string, int> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            Assert.That(record.Value, Is.EqualTo(last.GetValueOrDefault(record.Key, int.Parse(record.Key.AsSpan(1), CultureInfo.InvariantCulture) - 100) + 100));
            last[record.Key] = record.Value;
            read++;
        }

        Assert.That(read, Is.EqualTo(Many));
    }

    // Empty, null, text, runs and noise, up to a few blocks of each format.
    private static IEnumerable<byte[]?> LargeValues()
    {
        var random = new Random(5);
        yield return null;
        foreach (int size in new[] { 0, 1, 100, 5000, 70_000, 300_000 })
        {
            yield return Bytes(string.Concat(Enumerable.Range(0, size).Select(i => $"{i * 7919 % 1000} records and "))[..size]);
            yield return [.. Enumerable.Repeat((byte)size, size)];
            byte[] noise = new byte[size];
            random.NextBytes(noise);
            yield return noise;
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(NodeRecord record) => $"{Text(record.Key)}={Text(record.Value)} {string.Join(",", record.Headers.Values.SelectMany(v => v).Select(Text))}";

    private static string Text(byte[]? bytes) => bytes is null ? "null" : Encoding.UTF8.GetString(bytes);

    private static void SkipUnless(bool available, string reason)
    {
        if (!available)
        {
            Assert.Ignore(reason);
        }
    }
}
