using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>How loops over records and batches begin, end and go on.</summary>
public class EnumerationTests : ConsumerTest
{
    [Test]
    public async Task Headers_tombstones_and_null_keys_arrive_and_may_be_kept(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, batch =>
        {
            batch.TryAppend(1, RecordBytes.Null, Utf8("v"), [new RecordHeader("a", Utf8("1")), new RecordHeader("a", (byte[]?)null)]);
            batch.TryAppend(2, Utf8("k"), RecordBytes.Null);
        });
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        List<ConsumeResult<string, string>> records = await TakeRecordsAsync(consumer, 2, cancellationToken);
        await consumer.DisposeAsync();

        Assert.That(records[0].Key, Is.Null);
        Assert.That(records[0].Headers.Select(h => (h.Key, h.IsValueNull, h.Value.Length)), Is.EqualTo(new[] { ("a", false, 1), ("a", true, 0) }));
        Assert.That(records[1].Value, Is.Null);
        Assert.That(records[1].Headers.Count, Is.Zero);
        Assert.That(records[1].TimestampType, Is.EqualTo(TimestampType.CreateTime));
        Assert.That(records[1].LeaderEpoch, Is.EqualTo(Cluster.LeaderEpoch(Topic, 0)));
    }

    [Test]
    public async Task A_loop_that_was_left_goes_on_where_it_was_without_loss_or_repetition(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await StoreAsync(0, 0, 50);
        await StoreAsync(1, 0, 50);
        await using Consumer<string, string> consumer = CreateConsumer();
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);
        var seen = new List<(int Partition, string Value)>();
        for (int i = 0; i < 20; i++)
        {
            seen.AddRange((await TakeRecordsAsync(consumer, 5, cancellationToken)).Select(r => (r.Partition, r.Value)));
        }

        Assert.That(seen.Where(s => s.Partition == 0).Select(s => s.Value), Is.EqualTo(Values(0, 50)));
        Assert.That(seen.Where(s => s.Partition == 1).Select(s => s.Value), Is.EqualTo(Values(0, 50)));
    }

    [Test]
    public async Task Cancelling_ends_a_loop_that_waits_and_one_that_has_records_at_once(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 100);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { FetchMaxWait = TimeSpan.FromMinutes(2) });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        int seen = 0;
        OperationCanceledException? first = await Assert.CatchAsync<OperationCanceledException>(async () =>
        {
            await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(stop.Token))
            {
                if (++seen == 10)
                {
                    await stop.CancelAsync();
                }
            }
        });
        Assert.That(first!.CancellationToken, Is.EqualTo(stop.Token));
        Assert.That(seen, Is.EqualTo(10));

        using var late = new CancellationTokenSource();
        Task waiting = TakeAsync(consumer, 1000, late.Token);
        await Cluster.WaitForAsync(ApiKey.Fetch, 2, cancellationToken);
        await late.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(() => waiting);
        Assert.That(consumer.Position(First), Is.EqualTo(100));

        using var before = new CancellationTokenSource();
        await before.CancelAsync();
        OperationCanceledException? last = await Assert.CatchAsync<OperationCanceledException>(() => TakeAsync(consumer, 1, before.Token));
        Assert.That(last!.CancellationToken, Is.EqualTo(before.Token));
    }

    [Test]
    public async Task A_client_that_was_disposed_first_is_named(CancellationToken cancellationToken)
    {
        await StartAsync();
        var kafka = new KafkaClient(Cluster.BootstrapServers);
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        await kafka.DisposeAsync();

        ObjectDisposedException? end = await Assert.CatchAsync<ObjectDisposedException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That(end!.Message, Does.Contain("client"));
    }

    [Test]
    public async Task Two_loops_at_a_time_are_refused_and_one_after_the_other_is_not(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            Assert.That(() => consumer.ConsumeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken), Throws.InvalidOperationException);
            break;
        }

        Assert.That(await TakeAsync(consumer, 1, cancellationToken), Is.EqualTo(Values(1, 1)));
    }

    [Test]
    public async Task Disposing_ends_a_loop_in_its_long_poll_within_bounded_time(CancellationToken cancellationToken)
    {
        await StartAsync();
        Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { FetchMaxWait = TimeSpan.FromMinutes(2) });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Task reading = TakeAsync(consumer, 1, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, cancellationToken);

        await consumer.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        Assert.That(() => consumer.Assign(), Throws.InstanceOf<ObjectDisposedException>());
        await consumer.DisposeAsync();
    }

    [Test]
    public async Task A_consumer_that_was_never_used_or_waits_for_a_dead_cluster_is_disposed_at_once(CancellationToken cancellationToken)
    {
        await StartAsync();
        await CreateConsumer().DisposeAsync();
        Consumer<string, string> consumer = CreateConsumer();
        await Cluster.StopBrokerAsync(1);
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Task reading = TakeAsync(consumer, 1, cancellationToken);

        await consumer.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
    }

    [Test]
    public async Task A_value_that_cannot_be_read_is_named_and_met_again_until_it_is_left_out(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, batch =>
        {
            batch.TryAppend(1, RecordBytes.Null, new byte[4]);
            batch.TryAppend(2, RecordBytes.Null, new byte[3]);
            batch.TryAppend(3, RecordBytes.Null, new byte[] { 0, 0, 0, 7 });
        });
        await using Consumer<Ignore?, int> consumer = Kafka.CreateConsumer<Ignore?, int>();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        SerializationException? fault = await Assert.ThrowsAsync<SerializationException>(ReadAsync);
        Assert.That((fault!.Partition, fault.Offset, fault.Part), Is.EqualTo((First, 1L, RecordPart.Value)));
        Assert.That(consumer.Position(First), Is.EqualTo(1));
        await Assert.ThrowsAsync<SerializationException>(ReadAsync);
        consumer.Seek(First, StartPosition.At(fault.Offset!.Value + 1));
        await foreach (ConsumeResult<Ignore?, int> record in consumer.ConsumeAsync(cancellationToken))
        {
            Assert.That(record.Value, Is.EqualTo(7));
            break;
        }

        async Task ReadAsync()
        {
            await foreach (ConsumeResult<Ignore?, int> record in consumer.ConsumeAsync(cancellationToken))
            {
                Assert.That(record.Offset, Is.Zero);
            }
        }
    }

    [Test]
    public async Task Batches_are_of_one_partition_and_expire_with_the_next(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await StoreAsync(0, 10, 5);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.At(3)));
        var batches = new List<ConsumeBatch<string, string>>();
        var values = new List<string>();
        var raw = new List<int>();
        await foreach (ConsumeBatch<string, string> batch in consumer.ConsumeBatchesAsync(cancellationToken))
        {
            batches.Add(batch);
            values.AddRange(batch.Select(r => r.Value));
            foreach (ref readonly Record record in batch.Records)
            {
                raw.Add(record.ValueSpan.Length);
            }

            Assert.That(batch.Count, Is.EqualTo(batches.Count == 1 ? 7 : 5));
            Assert.That(batch.NextOffset, Is.EqualTo(batches.Count == 1 ? 10 : 15));
            Assert.That(consumer.Position(First), Is.EqualTo(batch.NextOffset));
            if (batches.Count == 2)
            {
                break;
            }
        }

        Assert.That(values, Is.EqualTo(Values(3, 12)));
        Assert.That(raw, Has.Count.EqualTo(12));
        Assert.That(() => batches[0].Records, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => batches[1].First(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_batch_loop_that_a_bad_record_ended_goes_on_at_that_record(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, batch =>
        {
            batch.TryAppend(1, RecordBytes.Null, new byte[4]);
            batch.TryAppend(2, RecordBytes.Null, new byte[3]);
        });
        await using Consumer<Ignore?, int> consumer = Kafka.CreateConsumer<Ignore?, int>();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        await Assert.ThrowsAsync<SerializationException>(async () =>
        {
            await foreach (ConsumeBatch<Ignore?, int> batch in consumer.ConsumeBatchesAsync(cancellationToken))
            {
                Assert.That(batch.Sum(r => r.Value), Is.Zero);
            }
        });

        Assert.That(consumer.Position(First), Is.EqualTo(1));
    }
}
