using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Why a consumer moves or does not.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class StatusTests : ConsumerTest
{
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
    public async Task The_log_says_why_nothing_moves(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, 0, 2);
        using var log = new RecordingLoggerFactory();
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, LoggerFactory = log });
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions { StatusInterval = TimeSpan.FromMilliseconds(20) });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            await log.WhenLoggedAsync(448).WaitAsync(cancellationToken);
            break;
        }

        Assert.That(log.Of(448)[0].Message, Does.Contain("orders-0").And.Contains("waits for"));
    }
}
