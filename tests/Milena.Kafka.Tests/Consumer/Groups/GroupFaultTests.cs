using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Answers that are lost, coordinators that move, old releases: members recover and skip nothing. Error codes are in <see cref="FaultMatrixTests"/>.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class GroupFaultTests : GroupTest
{
    public GroupFaultTests(GroupProtocol protocol) => Protocol = protocol;

    [Test]
    public async Task A_lost_answer_at_any_step_is_overcome(
        [Values(ApiKey.JoinGroup, ApiKey.SyncGroup, ApiKey.Heartbeat, ApiKey.OffsetFetch, ApiKey.OffsetCommit, ApiKey.FindCoordinator, ApiKey.ConsumerGroupHeartbeat)] ApiKey api, [Values] bool isHandled, CancellationToken cancellationToken)
    {
        Skip(api);
        await StartAsync(brokers: 2, partitions: 2);
        await StoreAllAsync(2, 0, 10);
        Cluster.DropConnection(api, new FaultScope { AfterHandling = isHandled });
        await using GroupMemberRig member = Member("m", o => o.RebalanceTimeout = TimeSpan.FromSeconds(2)).Start();
        await member.UntilAsync(_ => Log.Finished == 20, cancellationToken);
        await Cluster.WaitForAsync(api, 2, cancellationToken);
        await member.DisposeAsync();

        AssertAllSeen(2, 10);
        Assert.That(await CommittedAsync(2), Is.All.EqualTo(10L));
    }

    [Test]
    public async Task The_group_follows_its_coordinator_to_another_broker(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3, partitions: 4);
        await StoreAllAsync(4, 0, 10);
        await using GroupMemberRig a = Member("a").Start();
        await using GroupMemberRig b = Member("b").Start();
        await a.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        await b.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        await Cluster.WaitForAsync(HeartbeatApi, 1, cancellationToken);
        int coordinator = Cluster.Received(HeartbeatApi)[^1].BrokerId;
        await Cluster.StopBrokerAsync(coordinator);
        await StoreAllAsync(4, 10, 10);
        await a.UntilAsync(_ => Log.Finished == 80, cancellationToken);
        await Cluster.StartBrokerAsync(coordinator);
        await a.DisposeAsync();
        await b.UntilAsync(m => m.Owned.Count == 4, cancellationToken);
        await b.DisposeAsync();

        AssertAllSeen(4, 20);
        Assert.That(await CommittedAsync(4), Is.All.EqualTo(20L));
    }

    [Test]
    public async Task A_member_that_is_fenced_at_any_heartbeat_joins_again(
        [Values(ErrorCode.FencedMemberEpoch, ErrorCode.StaleMemberEpoch, ErrorCode.GroupIdNotFound)] ErrorCode error, CancellationToken cancellationToken)
    {
        Assume.That(IsClassic, Is.False);
        await StartAsync(brokers: 2, partitions: 2);
        await StoreAllAsync(2, 0, 10);
        await using GroupMemberRig member = Member("m").Start();
        await member.UntilAsync(_ => Seen.Count >= 20, cancellationToken);
        Cluster.FailNext(ApiKey.ConsumerGroupHeartbeat, error);
        await member.UntilAsync(m => m.Calls.Contains("lost 0 1") && m.Owned.Count == 2, cancellationToken);
        await StoreAllAsync(2, 10, 10);
        await member.UntilAsync(_ => Log.Finished == 40, cancellationToken);
        await member.DisposeAsync();

        AssertAllSeen(2, 20);
        Assert.That(await CommittedAsync(2), Is.All.EqualTo(20L));
    }

    [Test]
    public async Task Offsets_that_may_not_be_read_are_told_to_the_loop(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        Cluster.FailNext(ApiKey.OffsetFetch, ErrorCode.GroupAuthorizationFailed);
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        await Assert.CatchAsync<AuthorizationException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That(await TakeAsync(consumer, 3, cancellationToken), Is.EqualTo(Values(0, 3)));
    }

    [Test]
    public async Task A_handler_of_an_event_that_throws_is_told_to_the_loop_and_commits_go_on(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        Consumer<string, string> consumer = CreateConsumer(Options());
        bool isBroken = true;
        consumer.OffsetsCommitted += (_, _) =>
        {
            if (isBroken)
            {
                isBroken = false;
                throw new InvalidOperationException("broken");
            }
        };
        KafkaException? fault = await Assert.CatchAsync<KafkaException>(() => TakeAsync(consumer, 100, cancellationToken));
        Assert.That(fault!.InnerException!.Message, Is.EqualTo("broken"));
        await consumer.DisposeAsync();
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 3 }));
    }

    [TestCase((short)0, (short)0, (short)0, (short)0, (short)2, (short)1, (short)0)]
    [TestCase((short)3, (short)2, (short)2, (short)2, (short)6, (short)5, (short)2)]
    [TestCase((short)4, (short)2, (short)2, (short)2, (short)7, (short)6, (short)3)]
    [TestCase((short)6, (short)4, (short)4, (short)4, (short)8, (short)7, (short)3)]
    [TestCase((short)8, (short)5, (short)4, (short)5, (short)9, (short)9, (short)5)]
    public async Task Older_releases_serve_groups_too(short join, short sync, short heartbeat, short leave, short commit, short fetch, short find, CancellationToken cancellationToken)
    {
        Assume.That(IsClassic, "the new protocol needs the newest of these");
        await StartAsync(brokers: 2, partitions: 4);
        Cluster.MaxVersion(ApiKey.JoinGroup, join);
        Cluster.MaxVersion(ApiKey.SyncGroup, sync);
        Cluster.MaxVersion(ApiKey.Heartbeat, heartbeat);
        Cluster.MaxVersion(ApiKey.LeaveGroup, leave);
        Cluster.MaxVersion(ApiKey.OffsetCommit, commit);
        Cluster.MaxVersion(ApiKey.OffsetFetch, fetch);
        Cluster.MaxVersion(ApiKey.FindCoordinator, find);
        await StoreAllAsync(4, 0, 10);
        await using GroupMemberRig a = Member("a").Start();
        await using GroupMemberRig b = Member("b").Start();
        await a.UntilAsync(m => m.Owned.Count == 2 && b.Owned.Count == 2, cancellationToken);
        await a.DisposeAsync();
        await b.UntilAsync(m => m.Owned.Count == 4, cancellationToken);
        await StoreAllAsync(4, 10, 10);
        await b.UntilAsync(_ => Log.Finished == 80, cancellationToken);
        await b.DisposeAsync();

        AssertAllSeen(4, 20);
        Assert.That(await CommittedAsync(4), Is.All.EqualTo(20L));
    }
}
