using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Groups.GroupCalls;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>The finer rules of the classic protocol.</summary>
internal sealed class ClassicGroupTests : ClusterTest
{
    private readonly ManualTime _time = new();

    protected override TestClusterOptions Options => new()
    {
        TimeProvider = _time,
        GroupMaxSize = 2,
        GroupMinSessionTimeout = TimeSpan.FromSeconds(6),
    };

    [TestCase(5_999, ErrorCode.InvalidSessionTimeout)]
    [TestCase(6_000, ErrorCode.None)]
    [TestCase(1_800_000, ErrorCode.None)]
    [TestCase(1_800_001, ErrorCode.InvalidSessionTimeout)]
    public async Task A_session_timeout_must_be_one_that_the_broker_allows(int timeout, ErrorCode expected)
    {
        JoinGroupRequest request = JoiningClassic("", null, Topic);
        request.SessionTimeoutMs = timeout;

        Assert.That((await Client.JoinClassicAsync(request)).ErrorCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_full_group_takes_no_more()
    {
        using RawClient second = await RawClient.ConnectAsync(Cluster, 1, Bound);
        await JoinAloneAsync();
        Task<JoinGroupResponse> joining = second.JoinClassicAsync(JoiningClassic("", "i", Topic));
        while ((await Client.ListedAsync())!.GroupState != "PreparingRebalance")
        {
        }

        Assert.That((await Client.JoinClassicAsync(JoiningClassic("", null, Topic))).ErrorCode, Is.EqualTo(ErrorCode.GroupMaxSizeReached));
        Assert.That(joining.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_member_that_never_fetches_its_assignment_is_out()
    {
        JoinGroupResponse joined = await Client.JoinClassicAsync(JoiningClassic("", null, Topic));
        for (int i = 0; i < 4; i++)
        {
            Assert.That(await Client.BeatClassicAsync(joined), Is.EqualTo(ErrorCode.None));
            _time.Advance(TimeSpan.FromSeconds(7.5));
        }

        Assert.That(await Client.BeatClassicAsync(joined), Is.EqualTo(ErrorCode.UnknownMemberId));
        Assert.That((await Client.ListedAsync())!.GroupState, Is.EqualTo("Empty"));
    }

    [Test]
    public async Task A_promised_id_holds_a_rebalance_up_no_longer_than_its_session()
    {
        JoinGroupResponse joined = await JoinAloneAsync();
        JoinGroupResponse promised = await Client.SendAsync(JoiningClassic("", null, Topic), 4, Bound);
        Assert.That(promised.ErrorCode, Is.EqualTo(ErrorCode.MemberIdRequired));
        JoinGroupRequest again = JoiningClassic(joined.MemberId, null, Topic);
        again.RebalanceTimeoutMs = 60_000;
        Task<JoinGroupResponse> joining = Client.SendAsync(again, 9, Bound);
        using RawClient other = await RawClient.ConnectAsync(Cluster, 1, Bound);
        while ((await other.ListedAsync())!.GroupState != "PreparingRebalance")
        {
        }

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That((await joining).GenerationId, Is.EqualTo(2));
    }

    [Test]
    public async Task A_returning_static_leader_is_told_to_keep_the_assignment([Values(8, 9)] short version)
    {
        JoinGroupResponse joined = await Client.JoinClassicAsync(JoiningClassic("", "i", Topic), version);
        await Client.SendAsync(
            new SyncGroupRequest
            {
                GroupId = Group,
                GenerationId = 1,
                MemberId = joined.MemberId,
                GroupInstanceId = "i",
                Assignments = [new() { MemberId = joined.MemberId, Assignment = Assignment(Topic, 0) }],
            },
            3,
            Bound);

        // Other metadata alone changes nothing: only another protocol would.
        JoinGroupResponse back = await Client.JoinClassicAsync(JoiningClassic("", "i", Topic, "more"), version);

        Assert.That(back.GenerationId, Is.EqualTo(1));
        Assert.That(back.SkipAssignment, Is.EqualTo(version >= 9));
        Assert.That(back.Leader, Is.EqualTo(version >= 9 ? back.MemberId : joined.MemberId));
        SyncGroupResponse synced = await Client.SendAsync(
            new SyncGroupRequest { GroupId = Group, GenerationId = 1, MemberId = back.MemberId, GroupInstanceId = "i", ProtocolType = "consumer", ProtocolName = "range" },
            5,
            Bound);
        Assert.That(synced.Assignment.ToArray(), Is.EqualTo(Assignment(Topic, 0)));
    }

    [Test]
    public async Task The_assignor_changes_when_all_know_another_that_they_prefer()
    {
        JoinGroupRequest old = With("range");
        JoinGroupResponse joined = await Client.JoinClassicAsync(old);
        Assert.That(joined.ProtocolName, Is.EqualTo("range"));
        await Client.SyncClassicAsync(joined, (joined.MemberId, []));

        JoinGroupRequest both = With("sticky", "range");
        both.MemberId = joined.MemberId;
        joined = await Client.JoinClassicAsync(both);
        Assert.That(joined.ProtocolName, Is.EqualTo("sticky"));
        await Client.SyncClassicAsync(joined, (joined.MemberId, []));
        JoinGroupRequest unknown = With("other");
        Assert.That((await Client.JoinClassicAsync(unknown)).ErrorCode, Is.EqualTo(ErrorCode.InconsistentGroupProtocol));

        static JoinGroupRequest With(params string[] protocols)
        {
            JoinGroupRequest request = JoiningClassic("", null, Topic);
            request.Protocols = [.. protocols.Select(name => new JoinGroupRequest.JoinGroupRequestProtocol { Name = name, Metadata = Subscription(Topic) })];
            return request;
        }
    }

    [Test]
    public async Task Sync_checks_the_protocol_and_leave_answers_for_each_member()
    {
        JoinGroupResponse joined = await Client.JoinClassicAsync(JoiningClassic("", null, Topic));
        SyncGroupRequest sync = new() { GroupId = Group, GenerationId = 1, MemberId = joined.MemberId, ProtocolType = "consumer", ProtocolName = "sticky" };
        Assert.That((await Client.SendAsync(sync, 5, Bound)).ErrorCode, Is.EqualTo(ErrorCode.InconsistentGroupProtocol));

        LeaveGroupResponse left = await Client.SendAsync(
            new LeaveGroupRequest
            {
                GroupId = Group,
                Members = [new() { MemberId = "nobody" }, new() { MemberId = joined.MemberId, Reason = "done" }, new() { GroupInstanceId = "i" }],
            },
            5,
            Bound);
        Assert.That(left.Members.Select(member => member.ErrorCode), Is.EqualTo(new[] { ErrorCode.UnknownMemberId, ErrorCode.None, ErrorCode.UnknownMemberId }));
    }

    private async Task<JoinGroupResponse> JoinAloneAsync()
    {
        JoinGroupResponse joined = await Client.JoinClassicAsync(JoiningClassic("", null, Topic));
        await Client.SyncClassicAsync(joined, (joined.MemberId, Assignment(Topic, 0)));
        return joined;
    }
}
