using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups.Consumer;
using static Milena.Kafka.Testing.Tests.Groups.GroupCalls;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>KIP-848: members of both protocols in one group, and the group that changes with them.</summary>
internal sealed class GroupMigrationTests : ClusterTest
{
    private readonly ManualTime _time = new();
    private Guid _topic;

    protected override TestClusterOptions Options => new() { TimeProvider = _time };

    [SetUp]
    public void CreateTopic() => _topic = Cluster.CreateTopic(Topic, 4);

    [Test]
    public async Task A_classic_group_goes_over_when_a_member_of_the_new_protocol_joins_and_back_when_it_leaves()
    {
        JoinGroupResponse classic = await JoinAloneAsync(JoiningClassic("", null, Topic));
        string id = classic.MemberId;

        ConsumerGroupHeartbeatResponse joined = await Client.JoinConsumerAsync("new", Topic);
        Assert.That((joined.ErrorCode, joined.MemberEpoch), Is.EqualTo((ErrorCode.None, 2)), "the epoch goes on from the generation");
        Assert.That(joined.Partitions(), Is.Empty);
        Assert.That((await Client.ListedAsync())!.GroupType, Is.EqualTo("Consumer"));
        ConsumerGroupDescribeResponse.Member described = (await Client.DescribeConsumerAsync()).Members.Single(member => member.MemberId == id);
        Assert.That((described.MemberType, described.MemberEpoch, described.Assignment.TopicPartitions.Single().Partitions.Count), Is.EqualTo(((sbyte)0, 1, 4)));

        // The eager member gives everything up and joins again.
        Assert.That(await Client.BeatClassicAsync(classic), Is.EqualTo(ErrorCode.RebalanceInProgress));
        classic = await Client.JoinClassicAsync(JoiningClassic(id, null, Topic));
        Assert.That((classic.GenerationId, classic.ProtocolName, classic.Leader, classic.Members.Count), Is.EqualTo((2, "range", "", 0)));
        SyncGroupResponse synced = await Client.SyncClassicAsync(classic);
        Assert.That(EmbeddedProtocol.ReadAssignment(synced.Assignment, Catalog()), Has.Count.EqualTo(2));
        Assert.That((await Client.BeatAsync("new", 2, _topic, [])).Partitions(), Has.Length.EqualTo(2));
        Assert.That(await Client.BeatClassicAsync(classic), Is.EqualTo(ErrorCode.None));

        await Client.BeatAsync("new", -1, _topic, null);
        Assert.That((await Client.ListedAsync())!.GroupType, Is.EqualTo("Classic"));
        Assert.That(await Client.BeatClassicAsync(classic), Is.EqualTo(ErrorCode.RebalanceInProgress));
        classic = await Client.JoinClassicAsync(JoiningClassic(id, null, Topic));
        Assert.That((classic.GenerationId, classic.Leader, classic.Members.Count), Is.EqualTo((3, id, 1)));
    }

    [Test]
    public async Task Positions_go_along()
    {
        JoinGroupResponse classic = await JoinAloneAsync(JoiningClassic("", null, Topic));
        OffsetCommitRequest commit = new()
        {
            GroupId = Group,
            MemberId = classic.MemberId,
            GenerationIdOrMemberEpoch = classic.GenerationId,
            Topics = [new() { Name = Topic, Partitions = [new() { CommittedOffset = 5 }] }],
        };
        await Client.SendAsync(commit, 8, Bound);
        await Client.JoinConsumerAsync("new", Topic);

        OffsetFetchResponse fetched = await Client.SendAsync(
            new OffsetFetchRequest { Groups = [new() { GroupId = Group, MemberId = "new", MemberEpoch = 2, Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }] },
            9,
            Bound);
        Assert.That(fetched.Groups.Single().Topics.Single().Partitions.Single().CommittedOffset, Is.EqualTo(5));
        Assert.That((await Client.SendAsync(commit, 8, Bound)).Topics.Single().Partitions.Single().ErrorCode, Is.EqualTo(ErrorCode.None), "its generation is its epoch");
        commit.GenerationIdOrMemberEpoch = 9;
        Assert.That((await Client.SendAsync(commit, 8, Bound)).Topics.Single().Partitions.Single().ErrorCode, Is.EqualTo(ErrorCode.IllegalGeneration));
    }

    [Test]
    public async Task Those_who_wait_for_a_classic_rebalance_are_told_to_join_again()
    {
        using RawClient other = await RawClient.ConnectAsync(Cluster, 1, Bound);
        await JoinAloneAsync(JoiningClassic("", null, Topic));
        JoinGroupRequest waiting = JoiningClassic("", "i", Topic);
        Task<JoinGroupResponse> joining = other.JoinClassicAsync(waiting);
        await Cluster.WaitForAsync(ApiKey.JoinGroup, 3, Bound);
        while ((await Client.ListedAsync())!.GroupState != "PreparingRebalance")
        {
        }

        await Client.JoinConsumerAsync("new", Topic);

        Assert.That((await joining).ErrorCode, Is.EqualTo(ErrorCode.RebalanceInProgress));
    }

    [Test]
    public async Task A_classic_member_that_does_not_come_back_is_out()
    {
        JoinGroupResponse classic = await JoinAloneAsync(JoiningClassic("", null, Topic));
        await Client.JoinConsumerAsync("new", Topic);
        for (int i = 0; i < 4; i++)
        {
            Assert.That(await Client.BeatClassicAsync(classic), Is.EqualTo(ErrorCode.RebalanceInProgress));
            _time.Advance(TimeSpan.FromSeconds(7.5));
        }

        Assert.That(await Client.BeatClassicAsync(classic), Is.EqualTo(ErrorCode.UnknownMemberId));
        Assert.That((await Client.BeatAsync("new", 2, _topic, [])).Partitions(), Has.Length.EqualTo(4));
    }

    [Test]
    public async Task A_static_member_changes_its_protocol_and_keeps_its_partitions()
    {
        JoinGroupResponse classic = await JoinAloneAsync(JoiningClassic("", "i", Topic));
        ConsumerGroupHeartbeatRequest request = Joining("new", Topic);
        request.InstanceId = "i";

        ConsumerGroupHeartbeatResponse joined = await Client.BeatAsync(request);

        Assert.That((joined.ErrorCode, joined.Partitions()?.Length), Is.EqualTo((ErrorCode.None, 4)));
        Assert.That(await Client.BeatClassicAsync(classic, "i"), Is.EqualTo(ErrorCode.FencedInstanceId));
        JoinGroupResponse back = await Client.JoinClassicAsync(JoiningClassic("", "i", Topic));
        Assert.That(back.ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That((await Client.ListedAsync())!.GroupType, Is.EqualTo("Classic"));
        SyncGroupResponse synced = await Client.SyncClassicAsync(back);
        Assert.That(EmbeddedProtocol.ReadAssignment(synced.Assignment, Catalog()), Has.Count.EqualTo(4));
    }

    [Test]
    public async Task Members_of_another_kind_are_refused()
    {
        JoinGroupRequest connect = JoiningClassic("", null, Topic);
        connect.ProtocolType = "connect";
        await JoinAloneAsync(connect);
        Assert.That((await Client.JoinConsumerAsync("new", Topic)).ErrorCode, Is.EqualTo(ErrorCode.GroupIdNotFound));

        connect.GroupId = "other";
        connect.MemberId = "";
        ConsumerGroupHeartbeatRequest request = Joining("new", Topic);
        request.GroupId = "other";
        await Client.BeatAsync(request);
        Assert.That((await Client.JoinClassicAsync(connect)).ErrorCode, Is.EqualTo(ErrorCode.InconsistentGroupProtocol));
    }

    [Test]
    public async Task An_empty_group_is_of_the_kind_that_joins_next()
    {
        await Client.JoinConsumerAsync("new", Topic);
        await Client.BeatAsync("new", -1, _topic, null);

        JoinGroupResponse classic = await JoinAloneAsync(JoiningClassic("", null, Topic));
        Assert.That((classic.GenerationId, (await Client.ListedAsync())!.GroupType), Is.EqualTo((1, "Classic")));
        await Client.SendAsync(new LeaveGroupRequest { GroupId = Group, Members = [new() { MemberId = classic.MemberId }] }, 5, Bound);
        Assert.That((await Client.JoinConsumerAsync("new", Topic)).Partitions(), Has.Length.EqualTo(4));
    }

    private async Task<JoinGroupResponse> JoinAloneAsync(JoinGroupRequest request)
    {
        JoinGroupResponse joined = await Client.JoinClassicAsync(request);
        await Client.SendAsync(
            new SyncGroupRequest
            {
                GroupId = request.GroupId,
                GenerationId = joined.GenerationId,
                MemberId = joined.MemberId,
                GroupInstanceId = request.GroupInstanceId,
                Assignments = [new() { MemberId = joined.MemberId, Assignment = Assignment(Topic, 0, 1, 2, 3) }],
            },
            3,
            Bound);
        return joined;
    }

    private State.TopicCatalog Catalog() => new([new State.CatalogTopic(Topic, _topic, 4)]);
}
