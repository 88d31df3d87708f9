using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Where reading starts, and what positions and watermarks say.</summary>
public class StartPositionTests : ConsumerTest
{
    private static readonly StartPosition?[] OutOfRange = [StartPosition.Beginning, StartPosition.End, null];

    [Test]
    public async Task From_the_beginning_every_record_comes_in_order(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await StoreAsync(0, 10, 10);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        List<ConsumeResult<string, string>> records = await TakeRecordsAsync(consumer, 20, cancellationToken);

        Assert.That(records.Select(r => r.Value), Is.EqualTo(Values(0, 20)));
        Assert.That(records.Select(r => r.Offset), Is.EqualTo(Enumerable.Range(0, 20)));
        Assert.That(records[3].Key, Is.EqualTo("k3"));
        Assert.That(records[3].UnixTimestamp, Is.EqualTo(1003));
        Assert.That(records[3].TopicPartition, Is.EqualTo(First));
        Assert.That(consumer.Position(First), Is.EqualTo(20));
    }

    [Test]
    public async Task From_the_end_only_later_records_come(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 5);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.End));
        Task<List<string>> reading = TakeAsync(consumer, 2, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, cancellationToken);

        await StoreAsync(0, 5, 2);

        Assert.That(await reading, Is.EqualTo(Values(5, 2)));
    }

    [Test]
    public async Task From_an_offset_within_a_batch_the_records_before_it_are_left_out(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.At(7)));

        Assert.That(consumer.Position(First), Is.EqualTo(7));
        Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(7, 3)));
    }

    [TestCase(1004, 4)]
    [TestCase(0, 0)]
    [TestCase(5000, 10)]
    public async Task From_a_time_the_first_record_at_or_after_it_comes_first(long time, int expected, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer();
        var position = StartPosition.AtTimestamp(DateTimeOffset.FromUnixTimeMilliseconds(time));
        Assert.That(await consumer.GetOffsetAsync(First, position, cancellationToken), Is.EqualTo(expected));
        consumer.Assign(new PartitionStart(First, position));
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, cancellationToken);

        await StoreAsync(0, 10, 1);

        Assert.That(await reading, Is.EqualTo(Values(expected, 1)));
    }

    [Test]
    public async Task From_a_time_ago_the_first_record_since_then_comes_first([Values] bool isReset, CancellationToken cancellationToken)
    {
        await StartAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        foreach ((int hours, string value) in ((int, string)[])[(48, "v0"), (20, "v1"), (1, "v2")])
        {
            await StoreAsync(0, batch => batch.TryAppend(now.AddHours(-hours).ToUnixTimeMilliseconds(), default, Utf8(value)));
        }

        StartPosition dayAgo = StartPosition.Ago(TimeSpan.FromDays(1));
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { GroupId = isReset ? "billing" : null, AutoOffsetReset = dayAgo });
        consumer.Assign(new PartitionStart(First, isReset ? StartPosition.Committed : dayAgo));

        Assert.That(await TakeAsync(consumer, 2, cancellationToken), Is.EqualTo(Values(1, 2)));
        consumer.Seek(First, StartPosition.AtTimestamp(now.AddHours(-2)));
        Assert.That(await TakeAsync(consumer, 1, cancellationToken), Is.EqualTo(Values(2, 1)));
    }

    [Test]
    public async Task Records_that_were_deleted_before_they_were_read_are_out_of_range_too([ValueSource(nameof(OutOfRange))] StartPosition? goOn, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 5);
        await StoreAsync(0, 5, 5);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { OutOfRange = goOn });
        consumer.Assign(new PartitionStart(First, StartPosition.At(2)));
        await DeleteBeforeAsync(5);
        long offsetLookups = Cluster.ReceivedCount(ApiKey.ListOffsets);
        Task<List<string>> reading = TakeAsync(consumer, 3, cancellationToken);
        switch (goOn?.Kind)
        {
            case StartKind.Beginning:
                Assert.That(await reading, Is.EqualTo(Values(5, 3)));
                break;
            case StartKind.End:
                await Cluster.WaitForAsync(ApiKey.ListOffsets, offsetLookups + 1, cancellationToken);
                await Cluster.WaitForAsync(ApiKey.Fetch, Cluster.ReceivedCount(ApiKey.Fetch) + 1, cancellationToken);
                await StoreAsync(0, 10, 3);
                Assert.That(await reading, Is.EqualTo(Values(10, 3)));
                break;
            default:
                Assert.That((await Assert.ThrowsAsync<OffsetOutOfRangeException>(() => reading))!.Offset, Is.EqualTo(2));
                break;
        }
    }

    [Test]
    public void A_part_of_a_millisecond_is_rounded_up()
    {
        DateTimeOffset time = DateTimeOffset.FromUnixTimeMilliseconds(1004).AddTicks(1);

        Assert.That(StartPosition.AtTimestamp(time), Is.EqualTo(StartPosition.AtTimestamp(DateTimeOffset.FromUnixTimeMilliseconds(1005))));
    }

    [Test]
    public async Task A_topic_over_three_brokers_is_read_with_order_in_each_partition(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3, partitions: 6);
        for (int round = 0; round < 4; round++)
        {
            for (int partition = 0; partition < 6; partition++)
            {
                await StoreAsync(partition, round * 25, 25);
            }
        }

        await using Consumer<string, string> consumer = CreateConsumer();
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);

        List<ConsumeResult<string, string>> records = await TakeRecordsAsync(consumer, 600, cancellationToken);

        Assert.That(consumer.Assignment, Has.Count.EqualTo(6));
        foreach (IGrouping<int, ConsumeResult<string, string>> partition in records.GroupBy(r => r.Partition))
        {
            Assert.That(partition.Select(r => r.Value), Is.EqualTo(Values(0, 100)), $"partition {partition.Key}");
        }
    }

    [Test]
    public async Task Watermarks_are_the_ends_of_the_log(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer();

        Assert.That(await consumer.GetWatermarksAsync(First, cancellationToken), Is.EqualTo(new Watermarks(0, 10)));
    }

    [Test]
    public async Task Reading_to_the_end_ends_when_all_partitions_are_at_theirs(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 3);
        await StoreAsync(0, 0, 10);
        await StoreAsync(2, 0, 5);
        await using Consumer<string, string> consumer = CreateConsumer();
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);
        int count = 0;

        await foreach (ConsumeResult<string, string> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            count++;
        }

        Assert.That(count, Is.EqualTo(15));
        Assert.That(consumer.Position(new TopicPartition(Topic, 1)), Is.Zero);
    }

    [Test]
    public async Task A_seek_drops_what_was_fetched_for_the_old_position(CancellationToken cancellationToken)
    {
        await StartAsync();
        for (int i = 0; i < 10; i++)
        {
            await StoreAsync(0, i * 10, 10);
        }

        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        var values = new List<string>();
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            values.Add(record.Value);
            if (values.Count == 5)
            {
                consumer.Seek(First, StartPosition.At(72));
            }

            if (values.Count == 8)
            {
                break;
            }
        }

        Assert.That(values, Is.EqualTo(Values(0, 5).Concat(Values(72, 3))));
        Assert.That(consumer.Position(First), Is.EqualTo(75));
    }

    [Test]
    public async Task A_seek_while_the_old_position_is_looked_up_wins(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        using var hold = Cluster.Hold(ApiKey.ListOffsets);
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);

        consumer.Seek(First, StartPosition.At(6));
        hold.Release();

        Assert.That(await reading, Is.EqualTo(Values(6, 1)));
    }

    [Test]
    public async Task A_seek_while_a_fetch_is_under_way_drops_its_answer(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.At(0)));
        using var hold = Cluster.Hold(ApiKey.Fetch);
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);

        consumer.Seek(First, StartPosition.At(6));
        hold.Release();

        Assert.That(await reading, Is.EqualTo(Values(6, 1)));
    }

    [Test]
    public async Task Out_of_range_starts_over_at_the_oldest_record_by_default(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 3);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.At(500)));

        Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(0, 3)));
    }

    [TestCase(0)]
    [TestCase(500)]
    public async Task Out_of_range_goes_on_by_duration_if_that_is_wanted(long lost, CancellationToken cancellationToken)
    {
        await StartAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        foreach ((int hours, string value) in ((int, string)[])[(72, "v0"), (48, "v1"), (20, "v2"), (1, "v3")])
        {
            await StoreAsync(0, batch => batch.TryAppend(now.AddHours(-hours).ToUnixTimeMilliseconds(), default, Utf8(value)));
        }

        await DeleteBeforeAsync(1);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { OutOfRange = StartPosition.Ago(TimeSpan.FromDays(1)) });
        consumer.Assign(new PartitionStart(First, StartPosition.At(lost)));

        Assert.That(await TakeAsync(consumer, 2, cancellationToken), Is.EqualTo(Values(2, 2)));
    }

    [Test]
    public async Task Out_of_range_goes_to_the_end_by_duration_if_no_record_is_young_enough(CancellationToken cancellationToken)
    {
        await StartAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await StoreAsync(0, batch => batch.TryAppend(now.AddHours(-2).ToUnixTimeMilliseconds(), default, Utf8("v0")));
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { OutOfRange = StartPosition.Ago(TimeSpan.FromHours(1)) });
        consumer.Assign(new PartitionStart(First, StartPosition.At(500)));
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 2, cancellationToken);

        await StoreAsync(0, 1, 1);

        Assert.That(await reading, Is.EqualTo(Values(1, 1)));
    }

    [Test]
    public async Task Out_of_range_goes_to_the_end_if_that_is_wanted(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 3);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { OutOfRange = StartPosition.End });
        consumer.Assign(new PartitionStart(First, StartPosition.At(500)));
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 2, cancellationToken);

        await StoreAsync(0, 3, 1);

        Assert.That(await reading, Is.EqualTo(Values(3, 1)));
    }

    [Test]
    public async Task Out_of_range_is_an_exception_if_the_caller_decides(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 3);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { OutOfRange = null });
        consumer.Assign(new PartitionStart(First, StartPosition.At(500)));

        OffsetOutOfRangeException? fault = await Assert.ThrowsAsync<OffsetOutOfRangeException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That((fault!.Partition, fault.Offset), Is.EqualTo((First, 500L)));
        await Assert.ThrowsAsync<OffsetOutOfRangeException>(() => TakeAsync(consumer, 1, cancellationToken), "the position stays, so it is met again");
        consumer.Seek(First, StartPosition.At(1));
        Assert.That(await TakeAsync(consumer, 2, cancellationToken), Is.EqualTo(Values(1, 2)));
    }

    [Test]
    public async Task An_unknown_topic_and_an_unknown_partition_are_named(CancellationToken cancellationToken)
    {
        await StartAsync(apiTimeout: TimeSpan.FromMilliseconds(500));
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart("nowhere", 0, StartPosition.Beginning));
        await Assert.ThrowsAsync<UnknownTopicException>(() => TakeAsync(consumer, 1, cancellationToken));

        consumer.Assign(new PartitionStart(Topic, 9, StartPosition.At(0)));
        UnknownPartitionException? fault = await Assert.ThrowsAsync<UnknownPartitionException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That(fault!.Message, Does.Contain("has 1 partitions"));
    }

    [Test]
    public async Task What_is_not_assigned_or_makes_no_sense_is_refused()
    {
        await StartAsync();
        await using Consumer<string, string> consumer = CreateConsumer();

        Assert.That(() => consumer.Seek(First, StartPosition.End), Throws.InvalidOperationException.With.Message.Contains("orders-0"));
        Assert.That(() => consumer.Position(First), Throws.InvalidOperationException);
        Assert.That(() => StartPosition.At(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => consumer.Assign(new PartitionStart(First, StartPosition.End), new PartitionStart(First, StartPosition.End)), Throws.ArgumentException);
        Assert.That(() => consumer.Assign(new PartitionStart("", 0, StartPosition.End)), Throws.ArgumentException);
        Assert.That(() => Kafka.CreateConsumer<string, string>(new ConsumerOptions { FetchMaxBytes = 0, QueuedMaxBytes = 0 }), Throws.ArgumentException.With.Message.Contains("QueuedMaxBytes"));
    }

    private async Task DeleteBeforeAsync(long offset)
    {
        await using Connection connection = await ConnectAsync(Cluster.Leader(Topic, 0));
        DeleteRecordsResponse response = await connection.SendAsync(
            new DeleteRecordsRequest { TimeoutMs = 10_000, Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = offset }] }] },
            CancellationToken.None);
        Assert.That(response.Topics[0].Partitions[0].ErrorCode, Is.EqualTo(ErrorCode.None));
    }
}
