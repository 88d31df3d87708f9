using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Testing;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Slow handlers, static members, the rebalance listener, and topics that change.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class LivenessTests : GroupTest
{
    public LivenessTests(GroupProtocol protocol) => Protocol = protocol;

    [Test]
    public void A_user_who_is_late_is_warned_at_two_thirds_and_given_up_at_the_end()
    {
        var watch = new PollWatch(TimeSpan.FromSeconds(30));
        PollVerdict Look(int second, long progress, bool isWaiting = false) => watch.Look(TimeSpan.FromSeconds(second), isWaiting, progress);

        Assert.That(Look(0, 1), Is.EqualTo(PollVerdict.Fine));
        Assert.That(Look(19, 1), Is.EqualTo(PollVerdict.Fine));
        Assert.That(Look(20, 1), Is.EqualTo(PollVerdict.Late));
        Assert.That(Look(25, 1), Is.EqualTo(PollVerdict.Fine), "told already");
        Assert.That(Look(30, 1), Is.EqualTo(PollVerdict.Exceeded));
        Assert.That(Look(90, 1), Is.EqualTo(PollVerdict.Fine), "told already");
        Assert.That(Look(91, 2), Is.EqualTo(PollVerdict.CameBack));
        Assert.That(Look(200, 2, isWaiting: true), Is.EqualTo(PollVerdict.Fine), "who waits cannot be late");
        Assert.That(Look(201, 2), Is.EqualTo(PollVerdict.Fine));
    }

    [Test]
    public async Task A_handler_that_takes_too_long_loses_its_partitions_and_gets_them_back_when_it_returns(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await StoreAllAsync(2, 0, 3);
        var exceeded = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using GroupMemberRig slow = Member("slow", o =>
        {
            o.MaxPollInterval = TimeSpan.FromMilliseconds(400);
            o.RebalanceTimeout = TimeSpan.FromSeconds(5);
        });
        slow.Consumer.MaxPollIntervalExceeded += (_, busy) => exceeded.TrySetResult(busy);
        int handled = 0;
        slow.Handler = async record =>
        {
            if (++handled == 2)
            {
                using CancellationTokenRegistration stop = slow.Consumer.ProcessingToken.Register(() => cancelled.SetResult());
                await cancelled.Task;
            }
        };
        slow.Start();
        Assert.That(await exceeded.Task.WaitAsync(cancellationToken), Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(400)));
        await slow.UntilAsync(_ => Seen.Select(s => (s.Partition, s.Offset)).Distinct().Count() == 6, cancellationToken);

        Assert.That(slow.Calls.Take(3), Is.EqualTo(new[] { "assigned 0 1", "lost 0 1", "assigned 0 1" }));
        Assert.That(CountLeaves(), Is.EqualTo(1));
        AssertAllSeen(2, 3);
    }

    [Test]
    public async Task A_static_member_comes_back_without_a_rebalance(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 4);
        await StoreAllAsync(4, 0, 5);
        await using GroupMemberRig other = Member("other", o => o.GroupInstanceId = "b").Start();
        GroupMemberRig first = Member("first", o => o.GroupInstanceId = "a").Start();
        await other.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        await first.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        IReadOnlyCollection<TopicPartition> owned = first.Owned;
        await first.DisposeAsync();
        int calls = other.Calls.Count;

        await using GroupMemberRig second = Member("second", o => o.GroupInstanceId = "a").Start();
        await second.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        Assert.That(second.Owned, Is.EquivalentTo(owned));
        Assert.That(other.Calls, Has.Count.EqualTo(calls), "the others have not noticed");
        Assert.That(CountLeaves(), Is.Zero);
    }

    [Test]
    public async Task The_older_of_two_members_with_one_name_is_fenced(CancellationToken cancellationToken)
    {
        Assume.That(IsClassic, "in the new protocol the newer waits");
        await StartAsync(partitions: 2);
        await using GroupMemberRig older = Member("older", o => o.GroupInstanceId = "a").Start();
        await older.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        await using GroupMemberRig newer = Member("newer", o => o.GroupInstanceId = "a").Start();
        await newer.UntilAsync(m => m.Owned.Count == 2, cancellationToken);

        FencedInstanceException? fenced = await Assert.CatchAsync<FencedInstanceException>(() => older.Loop.WaitAsync(cancellationToken));
        Assert.That(fenced!.InstanceId, Is.EqualTo("a"));
        Assert.That(older.Calls[^1], Is.EqualTo("lost 0 1"), "the listener knows before the loop does");
    }

    [Test]
    public async Task The_listener_may_seek_before_the_first_record_comes(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        Consumer<string, string>? consumer = null;
        var listener = new Listener { Assigned = partitions => consumer!.Seek(partitions[0], StartPosition.At(7)) };
        await using (consumer = CreateConsumer(Options(o => o.RebalanceListener = listener)))
        {
            Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(7, 3)));
        }
    }

    [Test]
    public async Task The_listener_may_commit_when_partitions_go(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        Consumer<string, string>? consumer = null;
        var listener = new Listener { Revoked = partitions => consumer!.CommitAsync([new PartitionOffset(partitions[0], 4, Metadata: "by hand")]) };
        consumer = CreateConsumer(Options(o =>
        {
            o.RebalanceListener = listener;
            o.AutoCommit = AutoCommitMode.Manual;
        }));
        await TakeAsync(consumer, 3, cancellationToken);
        await consumer.DisposeAsync();

        await using Consumer<string, string> outsider = CreateConsumer(new ConsumerOptions { GroupId = Group });
        PartitionOffset committed = (await outsider.GetCommittedAsync([First], cancellationToken))[First];
        Assert.That((committed.Offset, committed.Metadata), Is.EqualTo((4L, "by hand")));
    }

    [Test]
    public async Task A_listener_that_throws_is_told_to_the_loop_and_the_group_goes_on(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        var listener = new Listener { Assigned = _ => throw new InvalidOperationException("broken") };
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.RebalanceListener = listener));
        KafkaException? fault = await Assert.CatchAsync<KafkaException>(() => TakeAsync(consumer, 3, cancellationToken));
        Assert.That(fault!.InnerException!.Message, Is.EqualTo("broken"));
        Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(0, 3)));
    }

    [Test]
    public async Task A_listener_that_hangs_does_not_hold_up_the_group(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        var listener = new Listener { Hangs = true };
        await using Consumer<string, string> consumer = CreateConsumer(Options(o =>
        {
            o.RebalanceListener = listener;
            o.RebalanceTimeout = TimeSpan.FromMilliseconds(300);
            o.CloseTimeout = TimeSpan.FromMilliseconds(300);
        }));
        Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(0, 3)));
        await consumer.DisposeAsync();
    }

    [Test]
    public async Task A_pattern_takes_in_topics_that_come_later(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 1);
        await using KafkaClient impatient = new(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, MetadataMaxAge = TimeSpan.FromMilliseconds(100) });
        await using GroupMemberRig member = Member(
            "m",
            o =>
            {
                o.Topics.Clear();
                o.TopicPattern = new("orders.*");
            },
            impatient).Start();
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        Cluster.CreateTopic("orders-new", 2);
        Cluster.CreateTopic("my-orders", 2);
        await member.UntilAsync(m => m.Owned.Count == 3, cancellationToken);
        Assert.That(member.Owned.Select(p => p.Topic).Distinct(), Is.EquivalentTo(new[] { "orders", "orders-new" }));

        Cluster.DeleteTopic("orders-new");
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
    }

    [Test]
    public async Task A_topic_that_is_made_after_its_subscriber_is_read(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using GroupMemberRig member = Member("m", o => o.Topics.Add("later")).Start();
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        Cluster.CreateTopic("later", 2);
        await member.UntilAsync(m => m.Owned.Count == 3, cancellationToken);
    }

    [Test]
    public async Task Members_change_their_assignor_without_a_stop(CancellationToken cancellationToken)
    {
        Assume.That(IsClassic);
        await StartAsync(partitions: 4);
        await using GroupMemberRig oldA = Member("oldA", o => Only(o, PartitionAssignors.Range)).Start();
        await oldA.UntilAsync(m => m.Owned.Count == 4, cancellationToken);
        await using GroupMemberRig both = Member("both", o => Only(o, PartitionAssignors.Range).Add(PartitionAssignors.CooperativeSticky)).Start();
        await both.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        await oldA.DisposeAsync();
        await both.UntilAsync(m => m.Owned.Count == 4, cancellationToken);
        await using GroupMemberRig fresh = Member("fresh", o => Only(o, PartitionAssignors.CooperativeSticky)).Start();
        await fresh.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        Assert.That((await DescribeGroupAsync()).ProtocolData, Is.EqualTo("cooperative-sticky"));
    }

    [Test]
    public async Task An_assignor_that_throws_is_told_to_the_loop(CancellationToken cancellationToken)
    {
        Assume.That(IsClassic);
        await StartAsync();
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => Only(o, new BrokenAssignor())));
        GroupException? fault = await Assert.CatchAsync<GroupException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That(fault!.InnerException!.Message, Is.EqualTo("no idea"));
    }

    private sealed class BrokenAssignor : IPartitionAssignor
    {
        public string Name => "broken";

        public IReadOnlyDictionary<string, MemberAssignment> Assign(AssignmentRequest request) => throw new InvalidOperationException("no idea");
    }

    private sealed class Listener : IRebalanceListener
    {
        public Action<IReadOnlyList<TopicPartition>>? Assigned { get; init; }

        public Func<IReadOnlyList<TopicPartition>, Task>? Revoked { get; init; }

        public bool Hangs { get; init; }

        public async ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            Assigned?.Invoke(partitions);
            if (Hangs)
            {
                await new TaskCompletionSource().Task;
            }
        }

        public async ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            if (Revoked is not null)
            {
                await Revoked(partitions);
            }

            if (Hangs)
            {
                await new TaskCompletionSource().Task;
            }
        }
    }
}
