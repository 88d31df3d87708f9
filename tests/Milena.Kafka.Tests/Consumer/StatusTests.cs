using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Why a consumer moves or does not.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StatusTests : ConsumerTest, IDisposable
{
    /// <summary>Of no length that another timer of the client has, so that a test can wait for it to be set.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(37);

    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLoggerFactory _log = new();

    public void Dispose() => _log.Dispose();

    [Test]
    public async Task It_tells_position_lag_and_what_is_waited_for(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(consumer.GetStatus().Partitions.Single(), Is.EqualTo(new PartitionStatus { Partition = First, WaitingFor = PartitionWait.Offset }));

        await TakeAsync(consumer, 4, cancellationToken);

        PartitionStatus status = consumer.GetStatus().Partitions.Single();
        Assert.That((status.Position, status.HighWatermark, status.Lag, status.WaitingFor, status.PausedBy), Is.EqualTo(((long?)4, (long?)10, (long?)6, PartitionWait.Handler, PauseReasons.None)));
        Assert.That(status.BufferedBytes, Is.GreaterThan(0));
        Assert.That(status.TimeLag, Is.GreaterThan(TimeSpan.FromDays(10_000)), "the records are said to be of 1970");
        Assert.That((status.Leader, status.LastFetch?.BrokerId, status.LastFetch?.Error), Is.EqualTo(((int?)1, (int?)1, (ErrorCode?)ErrorCode.None)));

        consumer.Pause(First);
        Assert.That(consumer.GetStatus().Partitions.Single(), Has.Property("PausedBy").EqualTo(PauseReasons.User).And.Property("WaitingFor").EqualTo(PartitionWait.Resume));
    }

    [Test]
    public async Task At_the_end_of_a_log_there_is_no_lag_though_nothing_was_read(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { FetchMaxWait = TimeSpan.FromMilliseconds(20) });
        consumer.Assign(new PartitionStart(First, StartPosition.End));
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 2, cancellationToken);

        PartitionStatus status = consumer.GetStatus().Partitions.Single();
        Assert.That((status.Position, status.HighWatermark, status.Lag, status.TimeLag, consumer.GetLag(First)), Is.EqualTo(((long?)10, (long?)10, (long?)0, (TimeSpan?)TimeSpan.Zero, (long?)0)));
        await StoreAsync(0, 10, 1);
        await reading;
    }

    [Test]
    public async Task A_fetch_that_fails_is_seen(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Cluster.Fail(ApiKey.Fetch, ErrorCode.NotLeaderOrFollower, new FaultScope { Topic = Topic });
        await StoreAsync(0, 0, 1);
        using RequestHold hold = Cluster.Hold(ApiKey.Fetch, new FaultScope { Skip = 1 });
        Task<List<string>> taking = TakeAsync(consumer, 1, cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);

        Assert.That(consumer.GetStatus().Partitions.Single().LastFetch?.Error, Is.EqualTo(ErrorCode.NotLeaderOrFollower));
        Assert.That(consumer.GetStatus().IsWaitingForRecords);
        hold.Release();
        await taking;
    }

    [Test]
    public async Task A_loop_that_is_busy_is_told_in_the_log_after_two_intervals(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 2);
        await using KafkaClient kafka = CreateClient();
        Task looked = _time.WhenNextSetAsync(Interval);
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions { StatusInterval = Interval });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            await looked.WaitAsync(cancellationToken);
            await PassAsync(2, cancellationToken);
            Assert.That(_log.Of(448), Is.Empty, "it has been seen at this place for one interval only");
            await PassAsync(1, cancellationToken);
            break;
        }

        Assert.That(_log.Of(448).Single().Message, Does.Contain("Nothing has moved for 00:01:14").And.Contains("orders-0 at 1 waits for Handler").And.Contains("lag 1").And.Contains("last fetch None from broker 1"));
    }

    [Test]
    public async Task A_membership_that_does_not_settle_is_told_in_the_log_after_two_intervals([Values] GroupProtocol protocol, CancellationToken cancellationToken)
    {
        await StartAsync();
        await using KafkaClient kafka = CreateClient();
        using RequestHold hold = Cluster.Hold(ApiKey.FindCoordinator);
        Task looked = _time.WhenNextSetAsync(Interval);
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(
            new ConsumerOptions { GroupId = "g", Topics = { Topic }, GroupProtocol = protocol, StatusInterval = Interval, CloseTimeout = TimeSpan.FromSeconds(10) });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = TakeAsync(consumer, 1, stop.Token);
        await hold.WaitForAsync(1, cancellationToken);
        await looked.WaitAsync(cancellationToken);
        await PassAsync(3, cancellationToken);
        await stop.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Assert.That(_log.Of(448).Single().Message, Does.Contain("the membership in the group is " + consumer.GetStatus().GroupState));
        Assert.That(consumer.GetStatus().GroupState, Is.AnyOf("Joining", "Unjoined"));
    }

    [Test]
    public async Task What_is_waited_for_is_told_in_each_case(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 2);
        await using (Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { GroupId = "g" }))
        {
            using RequestHold hold = Cluster.Hold(ApiKey.OffsetFetch);
            consumer.Assign(new PartitionStart(First, StartPosition.Committed));
            await AssertWaitAsync(consumer, hold, PartitionWait.Coordinator, cancellationToken);
        }

        await using (Consumer<string, string> consumer = CreateConsumer())
        {
            using RequestHold hold = Cluster.Hold(ApiKey.ListOffsets);
            consumer.Assign(new PartitionStart(First, StartPosition.End));
            await AssertWaitAsync(consumer, hold, PartitionWait.Offset, cancellationToken);
        }

        await using (Consumer<string, string> consumer = CreateConsumer())
        {
            consumer.Assign(new PartitionStart(First, StartPosition.At(0)));
            await foreach (ConsumeResult<string, string> record in consumer.ConsumeToEndAsync(cancellationToken))
            {
                Assert.Fail("There is none.");
            }

            using RequestHold fetch = Cluster.Hold(ApiKey.Fetch, new FaultScope { Count = 2 });
            await AssertWaitAsync(consumer, fetch, PartitionWait.Data, cancellationToken);
        }

        await using (Consumer<string, string> consumer = CreateConsumer())
        {
            Cluster.Fail(ApiKey.Fetch, ErrorCode.TopicAuthorizationFailed, new FaultScope { Topic = Topic });
            consumer.Assign(new PartitionStart(First, StartPosition.At(0)));
            await Assert.CatchAsync<AuthorizationException>(() => TakeAsync(consumer, 1, cancellationToken));
            Assert.That(consumer.GetStatus().Partitions.Single().WaitingFor, Is.EqualTo(PartitionWait.Reader));
        }

        await using (Consumer<string, string> consumer = CreateConsumer())
        {
            using RequestHold hold = Cluster.Hold(ApiKey.Metadata);
            Cluster.Fail(ApiKey.Fetch, ErrorCode.NotLeaderOrFollower, new FaultScope { Topic = Topic });
            consumer.Assign(new PartitionStart(First, StartPosition.At(0)));
            await AssertWaitAsync(consumer, hold, PartitionWait.Metadata, cancellationToken);
        }
    }

    [Test]
    public async Task A_partition_without_a_leader_and_one_that_the_listener_has_are_told(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2);
        Cluster.CreateTopic("lone", 1, replicationFactor: 1);
        await using (Consumer<string, string> consumer = CreateConsumer())
        {
            var lone = new TopicPartition("lone", 0);
            consumer.Assign(new PartitionStart(lone, StartPosition.At(0)));
            await foreach (ConsumeResult<string, string> record in consumer.ConsumeToEndAsync(cancellationToken))
            {
                Assert.Fail("There is none.");
            }

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task reading = TakeAsync(consumer, 1, stop.Token);
            await Cluster.StopBrokerAsync(Cluster.Leader("lone", 0));

            // The first metadata after its connection broke may still name the old leader.
            while (consumer.GetStatus().Partitions.Single().WaitingFor != PartitionWait.Leader)
            {
                await Cluster.WaitForAsync(ApiKey.Metadata, Cluster.ReceivedCount(ApiKey.Metadata) + 1, cancellationToken);
            }

            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var listener = new Waiting();
        await using (Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { GroupId = "g", Topics = { Topic }, RebalanceListener = listener }))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task reading = TakeAsync(consumer, 1, stop.Token);
            await listener.Called.Task.WaitAsync(cancellationToken);
            PartitionStatus status = consumer.GetStatus().Partitions.Single();
            Assert.That((status.WaitingFor, status.PausedBy), Is.EqualTo((PartitionWait.Resume, PauseReasons.Rebalance)));
            listener.MayReturn.SetResult();
            await stop.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task AssertWaitAsync(Consumer<string, string> consumer, RequestHold hold, PartitionWait wait, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = TakeAsync(consumer, 1, stop.Token);
        await hold.WaitForAsync(1, cancellationToken);
        Assert.That(consumer.GetStatus().Partitions.Single().WaitingFor, Is.EqualTo(wait));
        Assert.That(consumer.GetStatus().IsWaitingForRecords);
        await stop.CancelAsync();
        hold.Release();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private KafkaClient CreateClient() => new(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, LoggerFactory = _log, TimeProvider = _time });

    /// <summary>Lets the consumer look so many times.</summary>
    private async Task PassAsync(int looks, CancellationToken cancellationToken)
    {
        for (int look = 0; look < looks; look++)
        {
            Task looked = _time.WhenNextSetAsync(Interval);
            _time.Advance(Interval);
            await looked.WaitAsync(cancellationToken);
        }
    }

    private sealed class Waiting : IRebalanceListener
    {
        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource MayReturn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            Called.TrySetResult();
            await MayReturn.Task.WaitAsync(cancellationToken);
        }
    }
}
