using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Tests.Groups;
using static Milena.Kafka.Protocol.ErrorCode;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>Positions that move with a transaction (KIP-98, KIP-447).</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TransactionalOffsetTests : TransactionClusterTest
{
    [Test]
    public async Task Positions_move_with_a_commit_and_stay_with_an_abort([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        long expected = -1;
        foreach ((long offset, bool isCommit) in ((long, bool)[])[(5, false), (6, true), (7, false), (8, true)])
        {
            Assert.That(await producer.CommitAsync(Group, 0, offset), Is.EqualTo(None));
            Assert.That(await Clients.FetchPositionAsync(Group, 0), Is.EqualTo((-1L, UnstableOffsetCommit)));
            Assert.That(await Clients.FetchPositionAsync(Group, 0, requireStable: false), Is.EqualTo((expected, None)));
            Assert.That(await Clients.FetchPositionAsync(Group, 1), Is.EqualTo((-1L, None)), "other partitions are stable");
            await producer.EndAsync(isCommit);
            expected = isCommit ? offset : expected;
            Assert.That(await Clients.FetchPositionAsync(Group, 0), Is.EqualTo((expected, None)));
        }
    }

    [Test]
    public async Task A_group_that_was_not_enrolled_keeps_its_positions([Values(3, 4)] short version)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration: false);
        await producer.AddGroupAsync("other");

        Assert.That(await producer.CommitOnlyAsync(version, Group, 0, 1), Is.EqualTo(version == 4 ? TransactionAbortable : InvalidTxnState));
        Assert.That(await producer.CommitOnlyAsync(version, "other", 0, 1), Is.EqualTo(None));
    }

    [Test]
    public async Task A_position_that_the_group_stores_meanwhile_is_newer_than_that_of_the_transaction()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.CommitAsync(Group, 0, 5);
        RawClient coordinator = await Clients.ToAsync(Cluster.Coordinator(Group));
        await coordinator.SendAsync(
            new OffsetCommitRequest { GroupId = Group, GenerationIdOrMemberEpoch = -1, Topics = [new() { Name = Topic, Partitions = [new() { CommittedOffset = 9 }] }] },
            8,
            Bound);

        await producer.EndAsync(true);

        Assert.That(await Clients.FetchPositionAsync(Group, 0), Is.EqualTo((9L, None)));
    }

    [Test]
    public async Task Members_of_a_classic_group_are_checked_and_who_does_not_say_who_it_is_is_not([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        RawClient coordinator = await Clients.ToAsync(Cluster.Coordinator(Group));
        JoinGroupResponse joined = await coordinator.SendAsync(
            new JoinGroupRequest
            {
                GroupId = Group,
                GroupInstanceId = "i",
                SessionTimeoutMs = 10_000,
                RebalanceTimeoutMs = 10_000,
                ProtocolType = "consumer",
                Protocols = [new() { Name = "range" }],
            },
            7,
            Bound);
        string member = joined.MemberId;
        await producer.AddGroupAsync(Group);

        Assert.That(await producer.CommitOnlyAsync(Group, 0, 1, member, joined.GenerationId, "i"), Is.EqualTo(None), "a rebalance does not matter");
        Assert.That(await producer.CommitOnlyAsync(Group, 0, 1, member, joined.GenerationId + 1, "i"), Is.EqualTo(IllegalGeneration));
        Assert.That(await producer.CommitOnlyAsync(Group, 0, 1, "someone", joined.GenerationId), Is.EqualTo(UnknownMemberId));
        Assert.That(await producer.CommitOnlyAsync(Group, 0, 1, "someone", joined.GenerationId, "i"), Is.EqualTo(FencedInstanceId));
        Assert.That(await producer.CommitOnlyAsync(Group, 0, 1), Is.EqualTo(None));
        Assert.That(await producer.AddGroupAsync("unknown"), Is.EqualTo(None));
        Assert.That(await producer.CommitOnlyAsync("unknown", 0, 1, "someone", 3), Is.EqualTo(IllegalGeneration));
    }

    [Test]
    public async Task Members_of_a_consumer_group_are_checked_by_their_epoch()
    {
        TransactionalProducer producer = await StartAsync();
        RawClient coordinator = await Clients.ToAsync(Cluster.Coordinator(GroupCalls.Group));
        ConsumerGroupHeartbeatResponse joined = await coordinator.JoinConsumerAsync("a", Topic);

        Assert.That(await producer.CommitOnlyAsync(GroupCalls.Group, 0, 1, "a", joined.MemberEpoch), Is.EqualTo(None));
        Assert.That(await producer.CommitOnlyAsync(GroupCalls.Group, 0, 1, "a", joined.MemberEpoch + 1), Is.EqualTo(IllegalGeneration));
        Assert.That(await producer.CommitOnlyAsync(GroupCalls.Group, 0, 1, "b", joined.MemberEpoch), Is.EqualTo(UnknownMemberId));
    }

    [Test]
    public async Task Positions_survive_that_both_coordinators_move()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.CommitAsync(Group, 0, 5);

        Cluster.MoveCoordinator(Group, 3 - Cluster.Coordinator(Group));
        Cluster.MoveTransactionCoordinator("tx", 3 - Cluster.TransactionCoordinator("tx"));

        Assert.That(await Clients.FetchPositionAsync(Group, 0), Is.EqualTo((-1L, UnstableOffsetCommit)));
        Assert.That(await producer.EndAsync(true), Is.EqualTo(None));
        Assert.That(await Clients.FetchPositionAsync(Group, 0), Is.EqualTo((5L, None)));
    }
}
