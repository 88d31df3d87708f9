using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Logs that lose records by an unclean election (KIP-320), as brokers of all releases tell it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TruncationTests : ConsumerTest
{
    [TestCase((short)18, ExpectedResult = 0L)]
    [TestCase((short)12, ExpectedResult = 0L)]
    [TestCase((short)11, ExpectedResult = 1L)]
    [TestCase((short)9, ExpectedResult = 1L)]
    public async Task<long> A_log_that_was_cut_back_is_read_on_from_where_it_was_cut(short fetchVersion, CancellationToken cancellationToken)
    {
        await StartAsync(fetchVersion, cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));

        Cluster.LoseRecords(Topic, 0, 5);
        await StoreAsync(0, 100, 20);

        Assert.That(await TakeAsync(consumer, 20, cancellationToken), Is.EqualTo(Values(100, 20)));
        return Cluster.ReceivedCount(ApiKey.OffsetForLeaderEpoch);
    }

    [TestCase((short)18)]
    [TestCase((short)11)]
    public async Task It_is_an_exception_if_the_caller_decides(short fetchVersion, CancellationToken cancellationToken)
    {
        await StartAsync(fetchVersion, cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { OutOfRange = null });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));

        Cluster.LoseRecords(Topic, 0, 5);
        await StoreAsync(0, 100, 20);

        OffsetOutOfRangeException? fault = await Assert.ThrowsAsync<OffsetOutOfRangeException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That(fault!.Offset, Is.EqualTo(10));
        Assert.That(fault.Message, Does.Contain("offset 5"));
    }

    [Test]
    public async Task A_new_leader_that_has_everything_is_asked_once([Values] bool failsFirst, CancellationToken cancellationToken)
    {
        await StartAsync(11, cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));

        if (failsFirst)
        {
            Cluster.FailNext(ApiKey.OffsetForLeaderEpoch, ErrorCode.OffsetNotAvailable);
        }

        Cluster.MoveLeader(Topic, 0, (Cluster.Leader(Topic, 0) % 2) + 1);
        await StoreAsync(0, 10, 10);
        await StoreAsync(0, 20, 10);

        Assert.That(await TakeAsync(consumer, 20, cancellationToken), Is.EqualTo(Values(10, 20)));
        Assert.That(Cluster.ReceivedCount(ApiKey.OffsetForLeaderEpoch), Is.EqualTo(failsFirst ? 2 : 1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Every_code_once_at_the_question_about_an_epoch(CancellationToken cancellationToken)
    {
        await StartAsync(11, cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));
        int next = 10;
        foreach (ErrorCode code in Enum.GetValues<ErrorCode>().Append((ErrorCode)9999).Where(c => c != ErrorCode.None))
        {
            long asked = Cluster.ReceivedCount(ApiKey.OffsetForLeaderEpoch);
            Cluster.FailNext(ApiKey.OffsetForLeaderEpoch, code);
            Cluster.MoveLeader(Topic, 0, (Cluster.Leader(Topic, 0) % 2) + 1);
            await StoreAsync(0, next, 5);
            List<string> read;
            try
            {
                read = await TakeAsync(consumer, 5, cancellationToken);
            }
            catch (KafkaException told)
            {
                Assert.That((told.Code, told.IsRetriable), Is.EqualTo((code, false)));
                read = await TakeAsync(consumer, 5, cancellationToken);
            }

            Assert.That(read, Is.EqualTo(Values(next, 5)), $"{code}: none is skipped and none comes twice");
            Assert.That(Cluster.ReceivedCount(ApiKey.OffsetForLeaderEpoch), Is.GreaterThan(asked), $"{code}: it was asked");
            next += 5;
        }
    }

    [Test]
    public async Task A_log_that_has_lost_all_of_an_epoch_is_read_from_its_beginning(CancellationToken cancellationToken)
    {
        await StartAsync(11, cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer();
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        Assert.That(await TakeAsync(consumer, 10, cancellationToken), Is.EqualTo(Values(0, 10)));

        Cluster.LoseRecords(Topic, 0, 0);
        await StoreAsync(0, 100, 20);

        Assert.That(await TakeAsync(consumer, 20, cancellationToken), Is.EqualTo(Values(100, 20)));
    }

    private async Task StartAsync(short fetchVersion, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await StartAsync(brokers: 2);
        Cluster.MaxVersion(ApiKey.Fetch, fetchVersion);
        await StoreAsync(0, 0, 5);
        await StoreAsync(0, 5, 5);
    }
}
