using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

internal sealed class GroupTests : ClusterTest
{
    private const string Group = "g";

    private readonly ManualTime _time = new();

    protected override TestClusterOptions Options => new() { TimeProvider = _time };

    [Test]
    public async Task Members_meet_and_the_leader_assigns()
    {
        using RawClient other = await RawClient.ConnectAsync(Cluster, 1, Bound);
        JoinGroupResponse alone = await JoinAsync(Client);
        await SyncAsync(Client, alone, (alone.MemberId, 1));

        string second = (await other.SendAsync(Join(""), 7, Bound)).MemberId;
        Task<JoinGroupResponse> joining = other.SendAsync(Join(second), 7, Bound);
        await Cluster.WaitForAsync(ApiKey.JoinGroup, 4, Bound);
        ErrorCode heartbeat;
        do
        {
            heartbeat = await HeartbeatAsync(Client, alone);
        }
        while (heartbeat == ErrorCode.None);

        Assert.That(heartbeat, Is.EqualTo(ErrorCode.RebalanceInProgress));
        JoinGroupResponse again = await Client.SendAsync(Join(alone.MemberId), 7, Bound);
        JoinGroupResponse joined = await joining;
        Assert.That(again.GenerationId, Is.EqualTo(alone.GenerationId + 1));
        Assert.That(again.Leader, Is.EqualTo(alone.MemberId));
        Assert.That(again.Members.Select(member => member.MemberId), Is.EquivalentTo(new[] { alone.MemberId, second }));
        Assert.That(joined.Members, Is.Empty);

        Task<SyncGroupResponse> follower = other.SendAsync(new SyncGroupRequest { GroupId = Group, GenerationId = joined.GenerationId, MemberId = second }, 3, Bound);
        await SyncAsync(Client, again, (alone.MemberId, 1), (second, 2));
        Assert.That((await follower).Assignment.ToArray(), Is.EqualTo(new byte[] { 2 }));
        Assert.That(await HeartbeatAsync(Client, again), Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task A_new_member_must_come_back_with_the_id_it_is_given()
    {
        JoinGroupResponse first = await Client.SendAsync(Join(""), 4, Bound);

        Assert.That(first.ErrorCode, Is.EqualTo(ErrorCode.MemberIdRequired));
        Assert.That((await Client.SendAsync(Join(first.MemberId), 4, Bound)).GenerationId, Is.EqualTo(1));
        Assert.That((await Client.SendAsync(Join("made-up"), 4, Bound)).ErrorCode, Is.EqualTo(ErrorCode.UnknownMemberId));
    }

    [Test]
    public async Task A_member_that_is_not_heard_of_any_more_is_out()
    {
        JoinGroupResponse member = await JoinAsync(Client);
        await SyncAsync(Client, member, (member.MemberId, 1));

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.That(await HeartbeatAsync(Client, member), Is.EqualTo(ErrorCode.None));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.That(await HeartbeatAsync(Client, member), Is.EqualTo(ErrorCode.None));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(await HeartbeatAsync(Client, member), Is.EqualTo(ErrorCode.UnknownMemberId));
    }

    [Test]
    public async Task A_static_member_that_comes_back_disturbs_nobody()
    {
        JoinGroupResponse member = await Client.SendAsync(Join("", "i"), 7, Bound);
        await SyncAsync(Client, member, (member.MemberId, 1));

        JoinGroupResponse back = await Client.SendAsync(Join("", "i"), 7, Bound);

        Assert.That(back.GenerationId, Is.EqualTo(member.GenerationId));
        Assert.That(back.MemberId, Is.Not.EqualTo(member.MemberId));
        HeartbeatResponse old = await Client.SendAsync(new HeartbeatRequest { GroupId = Group, GenerationId = 1, MemberId = member.MemberId, GroupInstanceId = "i" }, 3, Bound);
        Assert.That(old.ErrorCode, Is.EqualTo(ErrorCode.FencedInstanceId));
    }

    [Test]
    public async Task Offsets_are_kept_and_a_wrong_generation_may_not_commit()
    {
        Cluster.CreateTopic(Topic);
        JoinGroupResponse member = await JoinAsync(Client);
        await SyncAsync(Client, member, (member.MemberId, 1));

        Assert.That(await CommitAsync(member.MemberId, member.GenerationId, 42), Is.EqualTo(ErrorCode.None));
        Assert.That(await CommitAsync(member.MemberId, member.GenerationId + 1, 43), Is.EqualTo(ErrorCode.IllegalGeneration));
        Assert.That(await CommitAsync("", -1, 43), Is.EqualTo(ErrorCode.UnknownMemberId));
        OffsetFetchResponse fetched = await Client.SendAsync(new OffsetFetchRequest { GroupId = Group, Topics = [new() { Name = Topic, PartitionIndexes = [0, 7] }] }, 5, Bound);
        Assert.That(fetched.Topics.Single().Partitions.Select(partition => partition.CommittedOffset), Is.EqualTo(new long[] { 42, -1 }));

        LeaveGroupResponse left = await Client.SendAsync(new LeaveGroupRequest { GroupId = Group, Members = [new() { MemberId = member.MemberId }] }, 3, Bound);
        Assert.That(left.Members.Single().ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(await CommitAsync("", -1, 44), Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task Members_without_a_common_protocol_do_not_meet()
    {
        await JoinAsync(Client);
        JoinGroupRequest other = Join("");
        other.Protocols[0].Name = "sticky";

        Assert.That((await Client.SendAsync(other, 7, Bound)).ErrorCode, Is.EqualTo(ErrorCode.InconsistentGroupProtocol));
    }

    private static JoinGroupRequest Join(string memberId, string? instanceId = null) => new()
    {
        GroupId = Group,
        SessionTimeoutMs = 10_000,
        RebalanceTimeoutMs = 60_000,
        MemberId = memberId,
        GroupInstanceId = instanceId,
        ProtocolType = "consumer",
        Protocols = [new() { Name = "range", Metadata = new byte[] { 9 } }],
    };

    private static async Task<JoinGroupResponse> JoinAsync(RawClient client)
    {
        string id = (await client.SendAsync(Join(""), 7, Bound)).MemberId;
        return await client.SendAsync(Join(id), 7, Bound);
    }

    private static async Task SyncAsync(RawClient client, JoinGroupResponse member, params (string Member, byte Assignment)[] assignments)
    {
        SyncGroupResponse response = await client.SendAsync(
            new SyncGroupRequest
            {
                GroupId = Group,
                GenerationId = member.GenerationId,
                MemberId = member.MemberId,
                Assignments = [.. assignments.Select(assignment => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = assignment.Member, Assignment = new[] { assignment.Assignment } })],
            },
            2,
            Bound);
        Assert.That(response.ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(response.Assignment.ToArray(), Is.EqualTo(new byte[] { 1 }));
    }

    private static async Task<ErrorCode> HeartbeatAsync(RawClient client, JoinGroupResponse member) =>
        (await client.SendAsync(new HeartbeatRequest { GroupId = Group, GenerationId = member.GenerationId, MemberId = member.MemberId }, 3, Bound)).ErrorCode;

    private async Task<ErrorCode> CommitAsync(string memberId, int generation, long offset) =>
        (await Client.SendAsync(
            new OffsetCommitRequest
            {
                GroupId = Group,
                GenerationIdOrMemberEpoch = generation,
                MemberId = memberId,
                Topics = [new() { Name = Topic, Partitions = [new() { CommittedOffset = offset }] }],
            },
            7,
            Bound)).Topics.Single().Partitions.Single().ErrorCode;
}
