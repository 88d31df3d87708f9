using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Fetching through faults: sessions, limits, leaders that move, brokers that stop, records that are damaged.</summary>
public class FetchingTests : ConsumerTest
{
    [Test]
    public async Task An_idle_session_sends_requests_without_partitions(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 3);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { FetchMaxWait = TimeSpan.FromMilliseconds(20) });
        await consumer.AssignTopicAsync(Topic, StartPosition.At(0), cancellationToken);
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 5, cancellationToken);
        await StoreAsync(1, 0, 1);
        await reading;

        IReadOnlyList<FetchRequest> requests = Cluster.Received<FetchRequest>();
        Assert.That((requests[0].SessionEpoch, requests[0].Topics.Sum(t => t.Partitions.Count)), Is.EqualTo((0, 3)));
        Assert.That(requests.Skip(1).Take(4).Select(r => r.SessionEpoch), Is.EqualTo(new[] { 1, 2, 3, 4 }));
        Assert.That(requests.Skip(1).Take(4).Select(r => r.Topics.Count), Is.All.Zero);
        Assert.That(requests.Skip(1).Select(r => r.SessionId), Is.All.Not.Zero);
    }

    [TestCase(ErrorCode.FetchSessionIdNotFound)]
    [TestCase(ErrorCode.InvalidFetchSessionEpoch)]
    public async Task A_session_that_the_broker_lost_is_opened_anew(ErrorCode error, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 3);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { FetchMaxWait = TimeSpan.FromMilliseconds(20) });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(0, 3)));

        Cluster.FailNext(ApiKey.Fetch, error);
        await StoreAsync(0, 3, 3);

        Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(3, 3)));
    }

    [Test]
    public async Task An_answer_above_MaxResponseSize_ends_the_enumeration_and_says_so(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, batch => batch.TryAppend(1, default, new byte[20_000]));
        await using var small = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, MaxResponseSize = 4096 });
        await using Consumer<Ignore?, byte[]> consumer = small.CreateConsumer<Ignore?, byte[]>(new ConsumerOptions { FetchMaxBytes = 1000 });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        Assert.That(
            async () => await consumer.ConsumeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken).MoveNextAsync(),
            Throws.InstanceOf<ConnectionException>().With.Message.Contains("4,096"));
    }

    [Test]
    public async Task A_batch_larger_than_every_limit_is_delivered(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, batch => batch.TryAppend(1, default, new byte[300_000]));
        await StoreAsync(0, batch => batch.TryAppend(1, default, new byte[300_000]));
        await using Consumer<Ignore?, byte[]> consumer = Kafka.CreateConsumer<Ignore?, byte[]>(
            new ConsumerOptions { FetchMaxBytes = 1000, MaxPartitionFetchBytes = 500, QueuedMaxBytes = 2000 });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        var sizes = new List<int>();
        await foreach (ConsumeResult<Ignore?, byte[]> record in consumer.ConsumeAsync(cancellationToken))
        {
            sizes.Add(record.Value.Length);
            if (sizes.Count == 2)
            {
                break;
            }
        }

        Assert.That(sizes, Is.EqualTo(new[] { 300_000, 300_000 }));
    }

    [Test]
    public async Task Records_are_fetched_ahead_only_up_to_the_bound(CancellationToken cancellationToken)
    {
        await StartAsync();
        for (int i = 0; i < 100; i++)
        {
            await StoreAsync(0, batch => batch.TryAppend(1, default, new byte[10_000]));
        }

        await using Consumer<Ignore?, byte[]> consumer = Kafka.CreateConsumer<Ignore?, byte[]>(
            new ConsumerOptions { QueuedMaxBytes = 100_000, MaxPartitionFetchBytes = 50_000, FetchMaxWait = TimeSpan.FromMilliseconds(10) });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        int read = 0;
        await foreach (ConsumeResult<Ignore?, byte[]> record in consumer.ConsumeAsync(cancellationToken))
        {
            long ahead = HighestFetched() - record.Offset;
            Assert.That(ahead * 10_070, Is.LessThanOrEqualTo(160_000), "a third answer is asked for only when the first is done");
            if (++read == 100)
            {
                break;
            }
        }

        Assert.That(Cluster.Received<FetchRequest>().Max(r => r.MaxBytes), Is.LessThanOrEqualTo(100_000));

        long HighestFetched() => Cluster.Received<FetchRequest>().SelectMany(r => r.Topics).SelectMany(t => t.Partitions).Max(p => p.FetchOffset);
    }

    [Test]
    public async Task Reading_goes_on_at_the_new_leader_with_nothing_lost_or_doubled(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3);
        await StoreAsync(0, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));
        for (int round = 1; round <= 4; round++)
        {
            int next = (Cluster.Leader(Topic, 0) % 3) + 1;
            Cluster.MoveLeader(Topic, 0, next);
            await StoreAsync(0, round * 10, 10);

            Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(round * 10, 10)), $"round {round}");
        }
    }

    [TestCase(ErrorCode.NotLeaderOrFollower)]
    [TestCase(ErrorCode.UnknownTopicOrPartition)]
    [TestCase(ErrorCode.UnknownTopicId)]
    [TestCase(ErrorCode.FencedLeaderEpoch)]
    [TestCase(ErrorCode.UnknownLeaderEpoch)]
    [TestCase(ErrorCode.LeaderNotAvailable)]
    [TestCase(ErrorCode.KafkaStorageError)]
    [TestCase(ErrorCode.OffsetNotAvailable)]
    [TestCase(ErrorCode.UnknownServerError)]
    public async Task Errors_that_pass_are_waited_out(ErrorCode error, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        Cluster.Fail(ApiKey.Fetch, error, new FaultScope { Topic = Topic, Count = 2 });
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));
    }

    [Test]
    public async Task A_topic_that_may_not_be_read_is_an_exception_and_can_be_tried_again(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 3);
        Cluster.Fail(ApiKey.Fetch, ErrorCode.TopicAuthorizationFailed, new FaultScope { Topic = Topic });
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        await Assert.ThrowsAsync<AuthorizationException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(0, 3)));
    }

    [Test]
    public async Task An_answer_that_fails_as_a_whole_for_good_is_an_exception(CancellationToken cancellationToken)
    {
        await StartAsync();
        Cluster.FailNext(ApiKey.Fetch, ErrorCode.UnsupportedVersion);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        KafkaException? fault = await Assert.CatchAsync<KafkaException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That(fault!.Code, Is.EqualTo(ErrorCode.UnsupportedVersion));
    }

    [Test]
    public async Task A_full_partition_does_not_make_another_wait_for_long(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { MaxPartitionFetchBytes = 200 });
        for (int i = 0; i < 20; i++)
        {
            await StoreAsync(0, i * 10, 10);
        }

        await consumer.AssignTopicAsync(Topic, StartPosition.At(0), cancellationToken);
        bool stored = false;
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            if (record.Partition == 1)
            {
                Assert.That(consumer.Position(First), Is.LessThan(200));
                break;
            }

            if (!stored)
            {
                stored = true;
                await StoreAsync(1, 0, 1);
                await Cluster.WaitForAsync(ApiKey.Fetch, Cluster.ReceivedCount(ApiKey.Fetch) + 2, cancellationToken);
            }
        }

        Assert.That(Cluster.Received<FetchRequest>().Select(r => r.MaxWaitMs), Does.Contain(0), "the broker is not asked to wait while a partition is left out");
    }

    [Test]
    public async Task A_broker_that_stops_and_comes_back_is_waited_for(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 5);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 5, cancellationToken), Is.EqualTo(Values(0, 5)));
        Task<List<string>> reading = TakeAsync(consumer, 5, cancellationToken);

        await Cluster.StopBrokerAsync(1);
        await Cluster.StartBrokerAsync(1);
        await StoreAsync(0, 5, 5);

        Assert.That(await reading, Is.EqualTo(Values(5, 5)));
    }

    [Test]
    public async Task A_connection_that_breaks_in_a_fetch_costs_no_record(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 5);
        Cluster.DropConnection(ApiKey.Fetch);
        Cluster.DropConnection(ApiKey.Fetch, new FaultScope { AfterHandling = true });
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        Assert.That(await TakeAsync(consumer, 5, cancellationToken), Is.EqualTo(Values(0, 5)));
    }

    [Test]
    public async Task A_damaged_batch_is_named_and_never_skipped_unasked(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 5);
        await StoreAsync(0, 5, 5);
        await StoreAsync(0, 10, 5);
        Damage(0, 1);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        var seen = new List<string>();

        CorruptRecordException? fault = await Assert.ThrowsAsync<CorruptRecordException>(ReadAsync);
        Assert.That((fault!.Partition, fault.Offset, fault.NextOffset), Is.EqualTo((First, 5L, 10L)));
        await Assert.ThrowsAsync<CorruptRecordException>(ReadAsync, "it is met again");
        Assert.That(seen, Is.EqualTo(Values(0, 5)));
        consumer.Seek(First, StartPosition.At(fault.NextOffset));
        Assert.That(await TakeAsync(consumer, 5, cancellationToken), Is.EqualTo(Values(10, 5)));

        async Task ReadAsync()
        {
            await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
            {
                seen.Add(record.Value);
            }
        }
    }

    [Test]
    public async Task Damage_is_not_looked_for_if_checks_are_off(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 1);
        Damage(0, 0);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { CheckCrcs = false });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        Assert.That(await TakeAsync(consumer, 1, cancellationToken), Has.Count.EqualTo(1));
    }

    [TestCase((short)4)]
    [TestCase((short)7)]
    [TestCase((short)11)]
    [TestCase((short)12)]
    [TestCase((short)18)]
    public async Task Every_version_of_fetch_reads_the_same(short version, CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 3);
        Cluster.MaxVersion(ApiKey.Fetch, version);
        for (int partition = 0; partition < 3; partition++)
        {
            await StoreAsync(partition, 0, 10);
            await StoreAsync(partition, 10, 10);
        }

        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);

        List<ConsumeResult<string, string>> records = await TakeRecordsAsync(consumer, 60, cancellationToken);

        Assert.That(records.GroupBy(r => r.Partition).Select(p => p.Select(r => r.Value)), Is.All.EqualTo(Values(0, 20)));
    }
}
