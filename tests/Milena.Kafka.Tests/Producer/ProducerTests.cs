using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer;

public class ProducerTests : ProducerTest
{
    [Test]
    public async Task A_record_is_stored_and_the_result_says_where(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        DateTimeOffset before = DateTimeOffset.UtcNow;

        DeliveryResult first = await producer.ProduceAsync(To(1, "a"), cancellationToken);
        DeliveryResult second = await producer.ProduceAsync(To(1, "b"), cancellationToken);

        Assert.That((first.Topic, first.Partition, first.Offset), Is.EqualTo((Topic, 1, 0L)));
        Assert.That(second.Offset, Is.EqualTo(1));
        Assert.That(first.Timestamp, Is.EqualTo(Cluster.Records(Topic, 1)[0].Timestamp).And.GreaterThan(before.AddMilliseconds(-1)));
        Assert.That(Values(1), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task A_lone_record_does_not_linger(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Linger = TimeSpan.FromMinutes(1) });

        for (int i = 0; i < 3; i++)
        {
            await producer.ProduceAsync(To(0, $"{i}"), cancellationToken);
        }

        Assert.That(ProduceRequests, Is.EqualTo(3));
    }

    [Test]
    public async Task Records_that_come_while_a_request_is_out_go_together(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Linger = TimeSpan.FromMinutes(1) });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        var results = new List<Task<DeliveryResult>> { producer.ProduceAsync(To(0, "0"), cancellationToken).AsTask() };
        await hold.WaitForAsync(1, cancellationToken);

        for (int i = 1; i < 1000; i++)
        {
            results.Add(producer.ProduceAsync(To(0, $"{i}"), cancellationToken).AsTask());
        }

        hold.Release();
        for (int i = 0; i < results.Count; i++)
        {
            Assert.That((await results[i]).Offset, Is.EqualTo(i));
        }

        Assert.That(ProduceRequests, Is.EqualTo(2));
        Assert.That(Cluster.Batches(Topic, 0), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task One_request_carries_batches_of_several_partitions(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("wide", partitions: 9);
        await using Producer<string?, string?> producer = CreateProducer();
        await producer.ProduceAsync(new ProducerRecord<string?, string?>("wide", null, "warm") { Partition = 0 }, cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope { Count = 3 });
        var results = new List<Task<DeliveryResult>>();
        for (int partition = 0; partition < 9; partition++)
        {
            results.Add(producer.ProduceAsync(new ProducerRecord<string?, string?>("wide", null, "x") { Partition = partition }, cancellationToken).AsTask());
        }

        hold.Release();
        await Task.WhenAll(results);

        Assert.That(Enumerable.Range(0, 9).Select(p => Cluster.EndOffset("wide", p)), Is.EqualTo(new long[] { 2, 1, 1, 1, 1, 1, 1, 1, 1 }));
        Assert.That(Cluster.Received<ProduceRequest>().Max(r => r.TopicData.Sum(t => t.PartitionData.Count)), Is.GreaterThan(1));
    }

    [Test]
    public async Task Concurrent_callers_keep_their_order_in_each_partition(CancellationToken cancellationToken)
    {
        const int callers = 8;
        const int count = 3_000;
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 1024, BufferMemory = 16 * 1024 });

        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < count; i++)
            {
                await producer.EnqueueAsync(To(i % 3, $"{caller}:{i}"), cancellationToken);
            }
        }, cancellationToken)));
        await producer.FlushAsync(cancellationToken);

        string[][] partitions = [.. Enumerable.Range(0, 3).Select(p => Values(p))];
        Assert.That(partitions.Sum(p => p.Length), Is.EqualTo(callers * count));
        foreach (IGrouping<string, int> caller in partitions.SelectMany((p, n) => p.Select(v => (Key: $"{n}/{v.Split(':')[0]}", I: int.Parse(v.Split(':')[1], null)))).GroupBy(v => v.Key, v => v.I))
        {
            Assert.That(caller, Is.Ordered, caller.Key);
        }
    }

    [Test]
    public async Task Calls_that_are_not_awaited_keep_their_order_before_the_topic_is_known(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();

        Task<DeliveryResult>[] results = [.. Enumerable.Range(0, 2_000).Select(i => producer.ProduceAsync(To(0, $"{i}"), cancellationToken).AsTask())];
        await Task.WhenAll(results);

        Assert.That(results.Select(r => r.Result.Offset), Is.EqualTo(Enumerable.Range(0, 2_000)));
        Assert.That(Values(0), Is.EqualTo(Enumerable.Range(0, 2_000).Select(i => $"{i}")));
    }

    [Test]
    public async Task Keys_choose_partitions_as_in_Java(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("keyed", partitions: 12);
        await using Producer<byte[]?, string?> producer = Kafka.CreateProducer<byte[]?, string?>();

        Assert.That((await producer.ProduceAsync("keyed", [], "x", cancellationToken)).Partition, Is.EqualTo(9));
        Assert.That((await producer.ProduceAsync("keyed", [0xf7, 0x8a], "x", cancellationToken)).Partition, Is.EqualTo(4));
    }

    [Test]
    public async Task Records_without_a_key_stay_together_and_all_partitions_get_some(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 2048 });
        string value = new('x', 100);
        for (int i = 0; i < 3_000; i++)
        {
            await producer.EnqueueAsync(Topic, null, value, cancellationToken);
        }

        await producer.FlushAsync(cancellationToken);

        long[] sizes = [.. Enumerable.Range(0, 3).Select(p => Cluster.EndOffset(Topic, p))];
        int batches = Enumerable.Range(0, 3).Sum(p => Cluster.Batches(Topic, p).Count);
        Assert.That(sizes.Sum(), Is.EqualTo(3_000));
        Assert.That(sizes, Is.All.GreaterThan(300));
        Assert.That(batches, Is.LessThan(600), "sticky: batches are filled");
    }

    [Test]
    public async Task A_partitioner_of_the_user_is_asked_and_its_mistakes_are_named(CancellationToken cancellationToken)
    {
        var partitioner = new ByKeyLength();
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Partitioner = partitioner });

        Assert.That((await producer.ProduceAsync(Topic, "kk", "v", cancellationToken)).Partition, Is.EqualTo(2));
        Assert.That((await producer.ProduceAsync(Topic, null, "v", cancellationToken)).Partition, Is.EqualTo(0));
        Assert.That(
            async () => await producer.ProduceAsync(Topic, "too long", "v", cancellationToken),
            Throws.TypeOf<UnknownPartitionException>().With.Message.Contains(nameof(ByKeyLength)));
    }

    [Test]
    public async Task Headers_times_nulls_and_emptiness_arrive_as_they_were_given(CancellationToken cancellationToken)
    {
        await using Producer<string?, byte[]?> producer = Kafka.CreateProducer<string?, byte[]?>();
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_600_000_000_123);
        var headers = new Headers { { "h", "1" }, { "h", null }, { "ünï", new byte[] { 0, 255 } } };

        DeliveryResult stored = await producer.ProduceAsync(
            new ProducerRecord<string?, byte[]?>(Topic, "k", null) { Partition = 0, Headers = headers, Timestamp = time }, cancellationToken);
        await producer.ProduceAsync(new ProducerRecord<string?, byte[]?>(Topic, null, []) { Partition = 0 }, cancellationToken);

        IReadOnlyList<StoredRecord> records = Cluster.Records(Topic, 0);
        Assert.That((stored.Timestamp, records[0].Timestamp), Is.EqualTo((time, time)));
        Assert.That(records[0].Value, Is.Null);
        Assert.That(records[0].Headers.Select(h => h.Key), Is.EqualTo(new[] { "h", "h", "ünï" }));
        Assert.That(records[0].Headers[1].Value, Is.Null);
        Assert.That(records[0].Headers[2].Value!.Value.ToArray(), Is.EqualTo(new byte[] { 0, 255 }));
        Assert.That(records[1].Key, Is.Null);
        Assert.That(records[1].Value!.Value.Length, Is.Zero);
    }

    [Test]
    public async Task The_brokers_time_is_in_the_result_where_the_topic_takes_it(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("appended", partitions: 1, configs: new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" });
        await using Producer<string?, string?> producer = CreateProducer();

        DeliveryResult stored = await producer.ProduceAsync(
            new ProducerRecord<string?, string?>("appended", "k", "v") { Timestamp = DateTimeOffset.UnixEpoch.AddDays(1) }, cancellationToken);

        Assert.That(stored.Timestamp, Is.EqualTo(Cluster.Records("appended", 0)[0].Timestamp).And.GreaterThan(DateTimeOffset.UnixEpoch.AddYears(50)));
    }

    [Test]
    public async Task Batches_are_compressed_with_gzip(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Compression = CompressionType.Gzip, CompressionLevel = 1 });
        string value = new('z', 2_000);

        await producer.ProduceAsync(To(0, value), cancellationToken);

        RecordBatch batch = Cluster.Batches(Topic, 0)[0];
        Assert.That(batch.Compression, Is.EqualTo(CompressionType.Gzip));
        Assert.That(batch.Bytes.Length, Is.LessThan(200));
        Assert.That(Values(0), Is.EqualTo(new[] { value }));
    }

    [Test]
    public async Task Acks_are_what_they_are_called([Values] Acks acks, CancellationToken cancellationToken)
    {
        await using (Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Acks = acks, Idempotence = acks == Acks.All }))
        {
            DeliveryResult stored = await producer.ProduceAsync(To(0, "x"), cancellationToken);
            Assert.That(stored.Offset, Is.EqualTo(acks == Acks.None ? -1 : 0));
            Assert.That(stored.Partition, Is.Zero);
        }

        await Cluster.WaitForAsync(ApiKey.Produce, 1, cancellationToken);
        Assert.That(Cluster.Received<ProduceRequest>()[0].Acks, Is.EqualTo((short)acks));
    }

    [Test]
    public async Task Older_brokers_are_spoken_to_as_they_know_it([Values(3, 5, 8, 9, 12)] int version, CancellationToken cancellationToken)
    {
        Cluster.MaxVersion(ApiKey.Produce, (short)version);
        await using Producer<string?, string?> producer = CreateProducer();

        DeliveryResult stored = await producer.ProduceAsync(To(2, "x"), cancellationToken);

        Assert.That(stored.Offset, Is.Zero);
        Assert.That(Cluster.Received(ApiKey.Produce)[0].Version, Is.EqualTo(version));
    }

    [Test]
    public async Task A_result_can_be_awaited_twice_and_by_many(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        await producer.ProduceAsync(To(0, "warm"), cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());

        // Without a token the task is the batch's own.
#pragma warning disable CA2012 // That awaiting it again is harmless is what is tested.
        ValueTask<DeliveryResult> result = producer.ProduceAsync(To(0, "x"), CancellationToken.None);
        Task<DeliveryResult> one = Task.Run(async () => await result, cancellationToken);
        Task<DeliveryResult> other = Task.Run(async () => await result, cancellationToken);
        hold.Release();

        Assert.That(new[] { await one, await other, await result, await result }.Select(r => r.Offset), Is.All.EqualTo(1));
#pragma warning restore CA2012
    }

    [Test]
    public async Task What_awaits_a_delivery_never_runs_on_the_sender_loop(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer();
        await producer.ProduceAsync(To(0, "warm"), cancellationToken);

        // The continuation blocks until another record of the same broker is delivered.
        Task blocked = Task.Run(async () =>
        {
            await producer.ProduceAsync(To(0, "x"), CancellationToken.None);
            producer.ProduceAsync(To(0, "y"), CancellationToken.None).AsTask().Wait(cancellationToken);
        }, cancellationToken);

        await blocked.WaitAsync(cancellationToken);
    }

    [Test]
    public async Task Flush_delivers_all_that_was_accepted_and_does_not_linger(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Linger = TimeSpan.FromMinutes(1), MaxInFlight = 2 });
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope { Topic = Topic, Partition = 0 });
        for (int i = 0; i < 100; i++)
        {
            await producer.EnqueueAsync(To(i % 3, $"{i}"), cancellationToken);
        }

        await hold.WaitForAsync(1, cancellationToken);
        Task flushed = producer.FlushAsync(cancellationToken);
        Assert.That(flushed.IsCompleted, Is.False);
        hold.Release();
        await flushed;

        Assert.That(Enumerable.Range(0, 3).Sum(p => Cluster.EndOffset(Topic, p)), Is.EqualTo(100));
        await producer.DisposeAsync();
        Assert.That(Pool.Rented, Is.Zero, "all buffers are back");
    }

    [Test]
    public async Task A_million_records_in_order_within_a_bounded_buffer(CancellationToken cancellationToken)
    {
        const int count = 1_000_000;
        await using Producer<int, byte[]?> producer = Kafka.CreateProducer<int, byte[]?>(new ProducerOptions { BufferMemory = 4 * 1024 * 1024 });
        byte[] value = new byte[100];
        for (int i = 0; i < count; i++)
        {
            await producer.EnqueueAsync(Topic, i, value, CancellationToken.None);
        }

        await producer.FlushAsync(cancellationToken);

        Assert.That(Enumerable.Range(0, 3).Sum(p => Cluster.EndOffset(Topic, p)), Is.EqualTo(count));
        for (int partition = 0; partition < 3; partition++)
        {
            int last = -1;
            foreach (RecordBatch batch in Cluster.Batches(Topic, partition))
            {
                using BatchRecords records = batch.OpenRecords();
                foreach (ref readonly Record record in records)
                {
                    int key = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(record.KeySpan);
                    if (key <= last)
                    {
                        Assert.Fail($"{key} came after {last} in partition {partition}.");
                    }

                    last = key;
                }
            }
        }
    }

    [Test]
    public void All_faults_of_options_come_in_one_message()
    {
        var options = new ProducerOptions { BatchSize = 1, MaxInFlight = 0, Linger = TimeSpan.FromSeconds(-1), Compression = CompressionType.Gzip, CompressionLevel = 77 };

        Assert.That(
            () => CreateProducer(options),
            Throws.ArgumentException.With.Message.Contains("BatchSize").And.Message.Contains("MaxInFlight").And.Message.Contains("Linger").And.Message.Contains("CompressionLevel"));
    }

    private sealed class ByKeyLength : IPartitioner
    {
        public int SelectPartition(string topic, int partitionCount, ReadOnlySpan<byte> key, bool isKeyNull) => isKeyNull ? 0 : key.Length;
    }
}
