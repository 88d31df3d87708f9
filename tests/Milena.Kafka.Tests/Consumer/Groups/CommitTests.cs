using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What is committed, when, and what is refused.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class CommitTests : GroupTest
{
    public CommitTests(GroupProtocol protocol) => Protocol = protocol;

    [Test]
    public async Task A_record_counts_when_the_loop_comes_back_for_the_next(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        await using (Consumer<string, string> consumer = CreateConsumer(Options()))
        {
            await TakeAsync(consumer, 4, cancellationToken);
        }

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 3 }), "the loop was left with the fourth in hand");
    }

    [Test]
    public async Task A_batch_counts_when_the_loop_comes_back_for_the_next(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 5);
        await StoreAllAsync(1, 5, 5);
        int batches = 0;
        await using (Consumer<string, string> consumer = CreateConsumer(Options()))
        {
            await foreach (ConsumeBatch<string, string> batch in consumer.ConsumeBatchesAsync(cancellationToken))
            {
                if (++batches == 2)
                {
                    break;
                }
            }
        }

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 5 }));
    }

    [Test]
    public async Task A_cancelled_loop_has_finished_its_last_record(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using (Consumer<string, string> consumer = CreateConsumer(Options()))
        {
            await Assert.CatchAsync<OperationCanceledException>(async () =>
            {
                await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(stop.Token))
                {
                    if (record.Offset == 6)
                    {
                        await stop.CancelAsync();
                    }
                }
            });
        }

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 7 }));
    }

    [Test]
    public async Task A_record_that_throws_is_not_committed(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        await using (Consumer<string, string> consumer = CreateConsumer(Options()))
        {
            await Assert.CatchAsync<FormatException>(async () =>
            {
                await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
                {
                    if (record.Offset == 5)
                    {
                        throw new FormatException();
                    }
                }
            });
        }

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 5 }));
    }

    [Test]
    public async Task At_most_once_commits_before_it_hands_out(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 5);
        await StoreAllAsync(1, 5, 5);
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.AutoCommit = AutoCommitMode.AtMostOnce));
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            Assert.That((await CommittedAsync(1))[0], Is.GreaterThan(record.Offset));
            if (record.Offset == 9)
            {
                break;
            }
        }
    }

    [Test]
    public async Task Manual_commits_only_what_it_is_told_with_epoch_and_text(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.AutoCommit = AutoCommitMode.Manual));
        List<ConsumeResult<string, string>> records = await TakeRecordsAsync(consumer, 10, cancellationToken);
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { -1 }));
        await consumer.CommitAsync(records[4], "half", cancellationToken);
        PartitionOffset committed = (await consumer.GetCommittedAsync([First], cancellationToken))[First];
        Assert.That(committed, Is.EqualTo(new PartitionOffset(First, 5, Cluster.LeaderEpoch(Topic, 0), "half")));
    }

    [Test]
    public async Task A_commit_is_never_overtaken_by_an_older_one(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.AutoCommit = AutoCommitMode.Manual));
        await TakeAsync(consumer, 10, cancellationToken);
        Cluster.FailNext(ApiKey.OffsetCommit, ErrorCode.CoordinatorLoadInProgress, 2);
        Task[] commits = [.. Enumerable.Range(1, 10).Select(i => consumer.CommitAsync([new PartitionOffset(First, i)], cancellationToken))];
        await Task.WhenAll(commits);

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 10 }));
        long[] sent = [.. Cluster.Received<OffsetCommitRequest>().Select(r => r.Topics[0].Partitions[0].CommittedOffset)];
        Assert.That(sent, Is.Ordered);
    }

    [Test]
    public async Task Automatic_commits_do_not_go_behind_one_by_hand(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        await using (Consumer<string, string> consumer = CreateConsumer(Options(o => o.AutoCommitInterval = TimeSpan.FromMinutes(5))))
        {
            await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
            {
                if (record.Offset == 6)
                {
                    await consumer.CommitAsync(record, cancellationToken: cancellationToken);
                    break;
                }
            }
        }

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 7 }));
    }

    [Test]
    public async Task Automatic_commits_catch_up_after_one_by_hand_that_went_back(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        await using (Consumer<string, string> consumer = CreateConsumer(Options(o => o.AutoCommitInterval = TimeSpan.FromMinutes(5))))
        {
            await TakeAsync(consumer, 10, cancellationToken);
            await consumer.CommitAsync([new PartitionOffset(First, 9)], cancellationToken);
            await consumer.CommitAsync([new PartitionOffset(First, 3)], cancellationToken);
        }

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 9 }), "nine are finished");
    }

    [Test]
    public async Task A_commit_for_a_partition_that_is_gone_says_so(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await StoreAllAsync(2, 0, 3);
        await using GroupMemberRig a = Member("a", o => o.AutoCommit = AutoCommitMode.Manual).Start();
        await a.UntilAsync(m => m.Owned.Count == 2 && Seen.Count == 6, cancellationToken);
        await using GroupMemberRig b = Member("b").Start();
        await a.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        await b.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        TopicPartition gone = b.Owned.Single();

        CommitRefusedException? refused = await Assert.CatchAsync<CommitRefusedException>(() => a.Consumer.CommitAsync([new PartitionOffset(gone, 1)], cancellationToken));
        Assert.That(refused!.Refusal, Is.EqualTo(CommitRefusal.NotOwned));
        Assert.That(refused.Partitions, Is.EqualTo(new[] { gone }));
    }

    [Test]
    public async Task Who_assigns_by_hand_cannot_commit_for_a_group_with_members(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using GroupMemberRig member = Member("m").Start();
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        await using Consumer<string, string> outsider = CreateConsumer(new ConsumerOptions { GroupId = Group });

        CommitRefusedException? refused = await Assert.CatchAsync<CommitRefusedException>(() => outsider.CommitAsync([new PartitionOffset(First, 1)], cancellationToken));
        Assert.That(refused!.Refusal, Is.EqualTo(CommitRefusal.NotMember));
    }

    [Test]
    public async Task Partitions_by_hand_start_at_the_groups_offset_and_commit(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        for (int round = 0; round < 2; round++)
        {
            await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { GroupId = Group });
            consumer.Assign(new PartitionStart(First, StartPosition.Committed));
            Assert.That(await TakeAsync(consumer, 4, cancellationToken), Is.EqualTo(Values(round * 3, 4)));
        }

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 6 }));
    }

    [TestCase(ErrorCode.OffsetMetadataTooLarge)]
    [TestCase(ErrorCode.TopicAuthorizationFailed)]
    [TestCase(ErrorCode.GroupAuthorizationFailed)]
    [TestCase(ErrorCode.InvalidCommitOffsetSize)]
    public async Task A_commit_that_can_never_succeed_fails_at_once(ErrorCode error, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.AutoCommit = AutoCommitMode.Manual));
        List<ConsumeResult<string, string>> records = await TakeRecordsAsync(consumer, 3, cancellationToken);
        Cluster.FailNext(ApiKey.OffsetCommit, error);
        KafkaException? fault = await Assert.CatchAsync<KafkaException>(() => consumer.CommitAsync(records[0], cancellationToken: cancellationToken));
        Assert.That(fault!.Code, Is.EqualTo(error));
    }

    [Test]
    public async Task Without_a_committed_offset_the_options_decide(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        await using (Consumer<string, string> strict = CreateConsumer(Options(o => o.AutoOffsetReset = null)))
        {
            NoCommittedOffsetException? fault = await Assert.CatchAsync<NoCommittedOffsetException>(() => TakeAsync(strict, 1, cancellationToken));
            Assert.That(fault!.Partition, Is.EqualTo(First));
        }

        await using GroupMemberRig late = Member("late", o => o.AutoOffsetReset = StartPosition.End).Start();
        await late.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, cancellationToken);
        await StoreAllAsync(1, 3, 1);
        await late.UntilAsync(_ => !Seen.IsEmpty, cancellationToken);
        Assert.That(Seen.Select(s => s.Offset), Is.EqualTo(new long[] { 3 }));
    }

    [Test]
    public async Task Offsets_under_a_transaction_are_waited_for(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        Cluster.FailNext(ApiKey.OffsetFetch, ErrorCode.UnstableOffsetCommit, 2);
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(0, 3)));
        Assert.That(Cluster.ReceivedCount(ApiKey.OffsetFetch), Is.EqualTo(3));
    }

    [Test]
    public async Task A_paused_partition_waits_and_loses_nothing(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await StoreAllAsync(2, 0, 20);
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        var seen = new List<(int, long)>();
        bool isPaused = false;
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            seen.Add((record.Partition, record.Offset));
            if (seen.Count == 3)
            {
                consumer.Pause(record.TopicPartition);
                isPaused = true;
            }
            else if (isPaused && seen.Count == 23)
            {
                Assert.That(seen.Skip(3).Select(s => s.Item1).Distinct().Count(), Is.EqualTo(1), "the other partition only");
                consumer.Resume(consumer.Assignment);
            }
            else if (seen.Count == 40)
            {
                break;
            }
        }

        Assert.That(seen.Distinct().Count(), Is.EqualTo(40));
        Assert.That(consumer.Assignment.Select(p => consumer.GetLag(p)), Is.All.EqualTo(0));
    }

    [Test]
    public async Task Misuse_is_explained_at_once(CancellationToken cancellationToken)
    {
        await StartAsync();
        Assert.That(
            () => CreateConsumer(new ConsumerOptions { Topics = { "a", "" }, GroupInstanceId = "", HeartbeatInterval = TimeSpan.FromMinutes(1), GroupProtocol = GroupProtocol.Consumer }),
            Throws.ArgumentException.With.Message.Contains("no GroupId").And.Message.Contains("empty name").And.Message.Contains("HeartbeatInterval").And.Message.Contains("GroupProtocol Consumer"));
        await using Consumer<string, string> member = CreateConsumer(Options(o => o.AutoCommit = AutoCommitMode.Off));
        Assert.That(() => member.Assign(new PartitionStart(First, StartPosition.Beginning)), Throws.InvalidOperationException);
        Assert.That(() => member.ConsumeToEndAsync(cancellationToken), Throws.InvalidOperationException);
        Assert.That(() => member.CommitAsync([new PartitionOffset(First, 1)], cancellationToken), Throws.InvalidOperationException);
        await using Consumer<string, string> loner = CreateConsumer();
        Assert.That(() => loner.CommitAsync([new PartitionOffset(First, 1)], cancellationToken), Throws.InvalidOperationException);
        Assert.That(() => loner.Assign(new PartitionStart(First, StartPosition.Committed)), Throws.ArgumentException);
        await using Consumer<string, string> manual = CreateConsumer(Options(o => o.AutoCommit = AutoCommitMode.Manual));
        Assert.That(() => manual.CommitAsync([new PartitionOffset(First, -1)], cancellationToken), Throws.ArgumentException);
        await Assert.CatchAsync<CommitRefusedException>(() => manual.CommitAsync([new PartitionOffset(First, 1)], cancellationToken));
        await manual.DisposeAsync();
        Assert.That(() => manual.CommitAsync([new PartitionOffset(First, 1)], cancellationToken), Throws.InstanceOf<ObjectDisposedException>());
    }
}
