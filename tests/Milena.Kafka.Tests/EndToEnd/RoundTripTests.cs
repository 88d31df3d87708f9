using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Tests.EndToEnd;

[TestFixture(ClusterKind.Embedded)]
[TestFixture(ClusterKind.Librdkafka)]
[TestFixture(ClusterKind.Outside)]
[TestFixture(ClusterKind.Home)]
[CancelAfter(120_000)]
public class RoundTripTests(ClusterKind kind) : EndToEndTest(kind)
{
    [Test]
    public async Task Records_come_back_in_order_with_key_and_value(CancellationToken cancellationToken)
    {
        const int count = 5_000;
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 4, cancellationToken);
        await using (Producer<string, int> producer = Kafka.CreateProducer<string, int>())
        {
            for (int i = 0; i < count; i++)
            {
                await producer.EnqueueAsync(topic, $"key-{i % 37}", i, cancellationToken);
            }

            await producer.FlushAsync(cancellationToken);
        }

        var nextOffset = new long[4];
        var lastOfKey = new Dictionary<string, int>();
        foreach (ConsumeResult<string, int> record in await ReadAsync<string, int>(topic, StartPosition.Beginning, count, cancellationToken))
        {
            Assert.That(record.Key, Is.EqualTo($"key-{record.Value % 37}"));
            Assert.That(record.Value, Is.GreaterThan(lastOfKey.GetValueOrDefault(record.Key, -1)));
            Assert.That(record.Offset, Is.EqualTo(nextOffset[record.Partition]++));
            lastOfKey[record.Key] = record.Value;
        }

        Assert.That(nextOffset.Sum(), Is.EqualTo(count));
    }

    [Test]
    public async Task Headers_timestamps_nulls_and_empty_values_survive(CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        var headers = new Headers { { "trace", "id-0" }, { "trace", "second" }, { "empty", Array.Empty<byte>() }, { "null", (byte[]?)null }, { "ключ", "ä"u8.ToArray() } };
        await using (Producer<byte[]?, byte[]?> producer = Kafka.CreateProducer<byte[]?, byte[]?>())
        {
            await producer.ProduceAsync(new ProducerRecord<byte[]?, byte[]?>(topic, "k"u8.ToArray(), "v"u8.ToArray()) { Headers = headers, Timestamp = time }, cancellationToken);
            await producer.ProduceAsync(topic, null, [], cancellationToken);
            await producer.ProduceAsync(topic, [], null, cancellationToken);
        }

        var seen = new List<string>();
        await using Consumer<byte[]?, byte[]?> consumer = Kafka.CreateConsumer<byte[]?, byte[]?>();
        consumer.Assign(new PartitionStart(topic, 0, StartPosition.Beginning));
        await foreach (ConsumeResult<byte[]?, byte[]?> record in consumer.ConsumeAsync(cancellationToken))
        {
            if (record.Offset == 0)
            {
                Assert.That(record.Timestamp, Is.EqualTo(time));
            }

            IEnumerable<string> heads = record.Headers.Select(h => $"{h.Key}={(h.IsValueNull ? "null" : Encoding.UTF8.GetString(h.Value.Span))}");
            seen.Add($"{Text(record.Key)}/{Text(record.Value)}/{string.Join(",", heads)}");
            if (seen.Count == 3)
            {
                break;
            }
        }

        Assert.That(seen, Is.EqualTo(new[] { "k/v/trace=id-0,trace=second,empty=,null=null,ключ=ä", "null//", "/null/" }));
    }

    [Test]
    public async Task A_stored_record_says_where([Values(Acks.All, Acks.Leader)] Acks acks, CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 3, cancellationToken);
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>(new ProducerOptions { Acks = acks, Idempotence = acks == Acks.All });

        for (int i = 0; i < 3; i++)
        {
            DeliveryResult stored = await producer.ProduceAsync(new ProducerRecord<string, string>(topic, "k", $"{i}") { Partition = 2 }, cancellationToken);
            Assert.That(stored, Has.Property("Topic").EqualTo(topic).And.Property("Partition").EqualTo(2).And.Property("Offset").EqualTo(i));
        }
    }

    [Test]
    public async Task Records_without_acknowledgement_arrive(CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        await using (Producer<string, int> producer = Kafka.CreateProducer<string, int>(new ProducerOptions { Acks = Acks.None, Idempotence = false }))
        {
            for (int i = 0; i < 100; i++)
            {
                await producer.EnqueueAsync(topic, "k", i, cancellationToken);
            }

            await producer.FlushAsync(cancellationToken);
        }

        List<ConsumeResult<string, int>> records = await ReadAsync<string, int>(topic, StartPosition.Beginning, 100, cancellationToken);
        Assert.That(records.Select(r => r.Value), Is.EqualTo(Enumerable.Range(0, 100)));
    }

    [Test]
    public async Task Compressed_batches_are_read([Values(CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd)] CompressionType compression, CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        string text = new('x', 300);
        await using (Producer<string, string> producer = Kafka.CreateProducer<string, string>(new ProducerOptions { Compression = compression, Linger = TimeSpan.FromMilliseconds(50) }))
        {
            for (int i = 0; i < 500; i++)
            {
                await producer.EnqueueAsync(topic, $"{i}", text, cancellationToken);
            }

            await producer.FlushAsync(cancellationToken);
        }

        List<ConsumeResult<string, string>> records = await ReadAsync<string, string>(topic, StartPosition.Beginning, 500, cancellationToken);
        Assert.That(records.Select(r => r.Key), Is.EqualTo(Enumerable.Range(0, 500).Select(i => $"{i}")));
        Assert.That(records.Select(r => r.Value), Is.All.EqualTo(text));
    }

    [Test]
    public async Task Reading_starts_where_it_is_told(CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        var start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);
        await using (Producer<string, int> producer = Kafka.CreateProducer<string, int>())
        {
            for (int i = 0; i < 10; i++)
            {
                await producer.ProduceAsync(new ProducerRecord<string, int>(topic, "k", i) { Timestamp = start.AddSeconds(i) }, cancellationToken);
            }
        }

        Assert.That((await ReadAsync<string, int>(topic, StartPosition.At(7), 3, cancellationToken)).Select(r => r.Value), Is.EqualTo(new[] { 7, 8, 9 }));
        if (Kind != ClusterKind.Librdkafka)
        {
            // The mock cluster does not look up times.
            StartPosition later = StartPosition.AtTimestamp(start.AddSeconds(4.5));
            Assert.That((await ReadAsync<string, int>(topic, later, 5, cancellationToken)).Select(r => r.Value), Is.EqualTo(new[] { 5, 6, 7, 8, 9 }));
        }
    }

    [Test]
    public async Task Reading_from_the_end_sees_only_what_is_new(CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        await using Producer<string, int> producer = Kafka.CreateProducer<string, int>();
        await producer.ProduceAsync(topic, "k", 1, cancellationToken);
        await using Consumer<string, int> consumer = Kafka.CreateConsumer<string, int>();
        var partition = new TopicPartition(topic, 0);
        Watermarks before = await consumer.GetWatermarksAsync(partition, cancellationToken);
        consumer.Assign(new PartitionStart(partition, StartPosition.At(before.High)));

        await producer.ProduceAsync(topic, "k", 2, cancellationToken);

        Assert.That(before, Is.EqualTo(new Watermarks(0, 1)));
        await foreach (ConsumeResult<string, int> record in consumer.ConsumeAsync(cancellationToken))
        {
            Assert.That(record.Value, Is.EqualTo(2));
            break;
        }
    }

    [Test]
    public async Task A_partition_that_is_not_there_is_named(CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 2, cancellationToken);
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>();

        Assert.That(
            async () => await producer.ProduceAsync(new ProducerRecord<string, string>(topic, "k", "v") { Partition = 2 }, cancellationToken),
            Throws.TypeOf<UnknownPartitionException>().With.Message.Contains(topic));
    }

    private static string Text(byte[]? bytes) => bytes is null ? "null" : Encoding.UTF8.GetString(bytes);

    private async Task<List<ConsumeResult<TKey, TValue>>> ReadAsync<TKey, TValue>(string topic, StartPosition from, int count, CancellationToken cancellationToken)
    {
        await using Consumer<TKey, TValue> consumer = Kafka.CreateConsumer<TKey, TValue>();
        await consumer.AssignTopicAsync(topic, from, cancellationToken);
        var records = new List<ConsumeResult<TKey, TValue>>();
        await foreach (ConsumeResult<TKey, TValue> record in consumer.ConsumeAsync(cancellationToken))
        {
            records.Add(record);
            if (records.Count == count)
            {
                break;
            }
        }

        return records;
    }
}
