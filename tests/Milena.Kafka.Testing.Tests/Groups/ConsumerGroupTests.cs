using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Groups.GroupCalls;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>The KIP-848 protocol over the wire.</summary>
internal sealed class ConsumerGroupTests : ClusterTest
{
    private readonly ManualTime _time = new();
    private Guid _topic;

    protected override TestClusterOptions Options => new() { TimeProvider = _time, GroupMaxSize = 3 };

    [SetUp]
    public void CreateTopic() => _topic = Cluster.CreateTopic(Topic, 4);

    [Test]
    public async Task A_lone_member_gets_everything_at_once_and_nothing_new_afterwards([Values(0, 1)] short version)
    {
        ConsumerGroupHeartbeatResponse joined = await Client.BeatAsync(Joining(version == 0 ? "" : "a", Topic), version);

        Assert.That(joined.ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(joined.MemberId, version == 0 ? Is.Not.Empty : Is.EqualTo("a"));
        Assert.That(joined.MemberEpoch, Is.EqualTo(1));
        Assert.That(joined.HeartbeatIntervalMs, Is.EqualTo(200));
        Assert.That(joined.Partitions(), Is.EqualTo(new[] { 0, 1, 2, 3 }));
        ConsumerGroupHeartbeatResponse again = await Client.BeatAsync(joined.MemberId!, 1, _topic, null);
        Assert.That(again.MemberEpoch, Is.EqualTo(1));
        Assert.That(again.Assignment, Is.Null);
    }

    [Test]
    public async Task A_partition_goes_to_its_new_owner_when_the_old_one_has_given_it_up()
    {
        await Client.JoinConsumerAsync("a", Topic);

        ConsumerGroupHeartbeatResponse second = await Client.JoinConsumerAsync("b", Topic);
        Assert.That(second.MemberEpoch, Is.EqualTo(2));
        Assert.That(second.Partitions(), Is.Empty, "all is still owned by the first");

        ConsumerGroupHeartbeatResponse first = await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3]);
        Assert.That(first.MemberEpoch, Is.EqualTo(1), "the epoch waits for the revocation");
        Assert.That(first.Partitions(), Has.Length.EqualTo(2));
        int[] kept = first.Partitions()!;
        Assert.That((await Client.BeatAsync("b", 2, _topic, [])).Assignment, Is.Null);
        ConsumerGroupDescribeResponse.DescribedGroup described = await Client.DescribeConsumerAsync();
        Assert.That(described.GroupState, Is.EqualTo("Reconciling"));
        Assert.That(described.Members.Single(member => member.MemberId == "b").TargetAssignment.TopicPartitions.Single().Partitions, Has.Count.EqualTo(2));

        Assert.That((await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3])).Assignment, Is.Null, "it still owns them");
        Assert.That((await Client.BeatAsync("a", 1, _topic, kept)).MemberEpoch, Is.EqualTo(2));
        second = await Client.BeatAsync("b", 2, _topic, []);
        Assert.That(second.Partitions()!.Concat(kept), Is.EquivalentTo(new[] { 0, 1, 2, 3 }));
        Assert.That((await Client.DescribeConsumerAsync()).GroupState, Is.EqualTo("Stable"));
    }

    [Test]
    public async Task A_member_that_is_not_heard_of_is_out_and_learns_it()
    {
        await Client.JoinConsumerAsync("a", Topic);
        await Client.JoinConsumerAsync("b", Topic);
        _time.Advance(TimeSpan.FromSeconds(40));
        await Client.BeatAsync("b", 2, _topic, []);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.That((await Client.BeatAsync("b", 2, _topic, [])).Partitions(), Is.EqualTo(new[] { 0, 1, 2, 3 }));
        Assert.That((await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3])).ErrorCode, Is.EqualTo(ErrorCode.UnknownMemberId));
    }

    [Test]
    public async Task A_member_that_gives_nothing_up_in_time_is_out()
    {
        await Client.JoinConsumerAsync("a", Topic);
        await Client.JoinConsumerAsync("b", Topic);
        await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3]);
        for (int i = 0; i < 2; i++)
        {
            Assert.That((await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3])).ErrorCode, Is.EqualTo(ErrorCode.None));
            _time.Advance(TimeSpan.FromSeconds(15));
        }

        Assert.That((await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3])).ErrorCode, Is.EqualTo(ErrorCode.UnknownMemberId));
        Assert.That((await Client.BeatAsync("b", 2, _topic, [])).Partitions(), Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public async Task Epochs_fence_but_a_lost_answer_does_no_harm()
    {
        await Client.JoinConsumerAsync("a", Topic);
        Assert.That((await Client.JoinConsumerAsync("a", Topic)).Partitions(), Has.Length.EqualTo(4), "the answer to the join may have been lost");
        Assert.That((await Client.BeatAsync("a", 2, _topic, [])).ErrorCode, Is.EqualTo(ErrorCode.FencedMemberEpoch));

        await Client.JoinConsumerAsync("b", Topic);
        ConsumerGroupHeartbeatResponse first = await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3]);
        int[] kept = first.Partitions()!;
        Assert.That((await Client.BeatAsync("a", 1, _topic, kept)).MemberEpoch, Is.EqualTo(2));
        Assert.That((await Client.BeatAsync("a", 1, _topic, kept)).MemberEpoch, Is.EqualTo(2), "the answer that told the epoch may have been lost");
        Assert.That((await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3])).ErrorCode, Is.EqualTo(ErrorCode.FencedMemberEpoch), "it says that it owns what it was not given");
        Assert.That((await Client.BeatAsync("c", 1, _topic, [])).ErrorCode, Is.EqualTo(ErrorCode.UnknownMemberId));
    }

    [Test]
    public async Task One_who_leaves_makes_room()
    {
        await Client.JoinConsumerAsync("a", Topic);
        await Client.JoinConsumerAsync("b", Topic);
        ConsumerGroupHeartbeatResponse left = await Client.BeatAsync("a", -1, _topic, null);

        Assert.That((left.ErrorCode, left.MemberEpoch), Is.EqualTo((ErrorCode.None, -1)));
        Assert.That((await Client.BeatAsync("b", 2, _topic, [])).Partitions(), Is.EqualTo(new[] { 0, 1, 2, 3 }));
        Assert.That((await Client.BeatAsync("a", -1, _topic, null)).ErrorCode, Is.EqualTo(ErrorCode.UnknownMemberId));
        await Client.BeatAsync("b", -1, _topic, null);
        Assert.That((await Client.ListedAsync())!.GroupState, Is.EqualTo("Empty"));
    }

    [Test]
    public async Task A_static_member_that_comes_back_has_what_it_had()
    {
        ConsumerGroupHeartbeatRequest request = Joining("a", Topic);
        request.InstanceId = "i";
        await Client.BeatAsync(request);
        await Client.JoinConsumerAsync("b", Topic);
        int[] kept = (await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3], "i")).Partitions()!;
        await Client.BeatAsync("a", 1, _topic, kept, "i");

        request.MemberId = "a2";
        Assert.That((await Client.BeatAsync(request)).ErrorCode, Is.EqualTo(ErrorCode.UnreleasedInstanceId));
        Assert.That((await Client.BeatAsync("a", -2, _topic, null, "i")).MemberEpoch, Is.EqualTo(-2));
        Assert.That((await Client.BeatAsync("b", 2, _topic, [])).MemberEpoch, Is.EqualTo(2), "nobody else is disturbed");
        ConsumerGroupHeartbeatResponse back = await Client.BeatAsync(request);
        Assert.That((back.MemberEpoch, back.Partitions()), Is.EqualTo((2, kept)));
        Assert.That((await Client.BeatAsync("a", 2, _topic, kept, "i")).ErrorCode, Is.EqualTo(ErrorCode.FencedInstanceId));
        Assert.That((await Client.BeatAsync("a", 2, _topic, kept, "j")).ErrorCode, Is.EqualTo(ErrorCode.UnknownMemberId));
    }

    [Test]
    public async Task A_static_member_that_stays_away_is_out_in_the_end()
    {
        ConsumerGroupHeartbeatRequest request = Joining("a", Topic);
        request.InstanceId = "i";
        await Client.BeatAsync(request);
        await Client.BeatAsync("a", -2, _topic, null, "i");
        _time.Advance(TimeSpan.FromSeconds(45));

        Assert.That((await Client.ListedAsync())!.GroupState, Is.EqualTo("Empty"));
    }

    [Test]
    public async Task A_regular_expression_takes_topics_that_come_later()
    {
        ConsumerGroupHeartbeatRequest request = Joining("a");
        request.SubscribedTopicNames = null;
        request.SubscribedTopicRegex = "t|(?P<later>x-.*)";
        Guid other = Cluster.CreateTopic("tt");
        Assert.That((await Client.BeatAsync(request)).Assignment!.TopicPartitions.Select(topic => topic.TopicId), Is.EqualTo(new[] { _topic }), "the whole name must match");

        Guid later = Cluster.CreateTopic("x-1");
        ConsumerGroupHeartbeatResponse next = await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3]);
        Assert.That(next.MemberEpoch, Is.EqualTo(2));
        Assert.That(next.Assignment!.TopicPartitions.Select(topic => topic.TopicId), Is.EquivalentTo(new[] { _topic, later }));
        Assert.That((await Client.DescribeConsumerAsync()).Members.Single().SubscribedTopicRegex, Is.EqualTo("t|(?P<later>x-.*)"));
        Assert.That(other, Is.Not.EqualTo(Guid.Empty));
    }

    [TestCase("[")]
    [TestCase("(a)\\1")]
    [TestCase("a(?=b)")]
    public async Task A_regular_expression_that_cannot_be_evaluated_is_refused(string regex)
    {
        ConsumerGroupHeartbeatRequest request = Joining("a");
        request.SubscribedTopicRegex = regex;

        Assert.That((await Client.BeatAsync(request)).ErrorCode, Is.EqualTo(ErrorCode.InvalidRegularExpression));
        Assert.That(await Client.ListedAsync(), Is.Null, "no group comes of it");
    }

    [Test]
    public async Task A_topic_that_is_deleted_is_taken_away()
    {
        Guid other = Cluster.CreateTopic("u", 1);
        ConsumerGroupHeartbeatResponse joined = await Client.JoinConsumerAsync("a", Topic, "u", "not-yet");
        Assert.That(joined.Assignment!.TopicPartitions, Has.Count.EqualTo(2));

        Cluster.DeleteTopic("u");
        ConsumerGroupHeartbeatResponse next = await Client.BeatAsync(new ConsumerGroupHeartbeatRequest
        {
            GroupId = Group,
            MemberId = "a",
            MemberEpoch = 1,
            TopicPartitions = [new() { TopicId = _topic, Partitions = [0, 1, 2, 3] }, new() { TopicId = other, Partitions = [0] }],
        });
        Assert.That(next.Assignment!.TopicPartitions.Select(topic => topic.TopicId), Is.EqualTo(new[] { _topic }));
        Assert.That((await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3])).MemberEpoch, Is.EqualTo(2));
    }

    [Test]
    public async Task Partitions_that_are_added_are_given_out()
    {
        await Client.JoinConsumerAsync("a", Topic);
        Cluster.AddPartitions(Topic, 6);

        ConsumerGroupHeartbeatResponse next = await Client.BeatAsync("a", 1, _topic, [0, 1, 2, 3]);
        Assert.That((next.MemberEpoch, next.Partitions()?.Length), Is.EqualTo((2, 6)));
    }

    [Test]
    public async Task The_assignor_is_the_one_that_most_ask_for()
    {
        ConsumerGroupHeartbeatRequest request = Joining("a", Topic);
        request.ServerAssignor = "range";
        await Client.BeatAsync(request);
        Assert.That((await Client.DescribeConsumerAsync()).AssignorName, Is.EqualTo("range"));

        request.MemberId = "b";
        request.ServerAssignor = "best";
        ConsumerGroupHeartbeatResponse refused = await Client.BeatAsync(request);
        Assert.That(refused.ErrorCode, Is.EqualTo(ErrorCode.UnsupportedAssignor));
        Assert.That(refused.ErrorMessage, Does.Contain("uniform, range"));
    }

    [Test]
    public async Task A_full_group_takes_no_more()
    {
        foreach (string id in new[] { "a", "b", "c" })
        {
            Assert.That((await Client.JoinConsumerAsync(id, Topic)).ErrorCode, Is.EqualTo(ErrorCode.None));
        }

        Assert.That((await Client.JoinConsumerAsync("d", Topic)).ErrorCode, Is.EqualTo(ErrorCode.GroupMaxSizeReached));
        Assert.That((await Client.BeatAsync("c", 3, _topic, [])).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task Requests_that_contradict_themselves_are_refused()
    {
        ConsumerGroupHeartbeatRequest[] requests =
        [
            With(request => request.GroupId = ""),
            With(request => request.MemberId = ""),
            With(request => request.InstanceId = ""),
            With(request => request.RackId = ""),
            With(request => request.RebalanceTimeoutMs = -1),
            With(request => request.TopicPartitions = null),
            With(request => request.TopicPartitions = [new() { TopicId = _topic, Partitions = [0] }]),
            With(request => request.SubscribedTopicNames = null),
            With(request => request.MemberEpoch = -3),
            With(request => request.MemberEpoch = -2),
        ];
        foreach (ConsumerGroupHeartbeatRequest request in requests)
        {
            Assert.That((await Client.BeatAsync(request)).ErrorCode, Is.EqualTo(ErrorCode.InvalidRequest));
        }

        Assert.That((await Client.BeatAsync("a", 1, _topic, [])).ErrorCode, Is.EqualTo(ErrorCode.GroupIdNotFound));
        Assert.That((await Client.BeatAsync("a", -1, _topic, null)).ErrorCode, Is.EqualTo(ErrorCode.GroupIdNotFound));

        static ConsumerGroupHeartbeatRequest With(Action<ConsumerGroupHeartbeatRequest> change)
        {
            ConsumerGroupHeartbeatRequest request = Joining("a", Topic);
            change(request);
            return request;
        }
    }

    [Test]
    public async Task The_protocol_can_be_switched_off_while_the_cluster_runs()
    {
        ApiVersionsResponse before = await VersionsAsync();
        Assert.That(before.SupportedFeatures.Single(feature => feature.Name == "group.version").MaxVersion, Is.EqualTo(1));
        Assert.That(before.FinalizedFeatures.Single(feature => feature.Name == "group.version").MaxVersionLevel, Is.EqualTo(1));

        Cluster.ConsumerGroupProtocol = false;

        Assert.That((await Client.JoinConsumerAsync("a", Topic)).ErrorCode, Is.EqualTo(ErrorCode.UnsupportedVersion));
        Assert.That((await Client.DescribeConsumerAsync()).ErrorCode, Is.EqualTo(ErrorCode.UnsupportedVersion));
        ApiVersionsResponse after = await VersionsAsync();
        Assert.That(after.FinalizedFeatures.Select(feature => feature.Name), Does.Not.Contain("group.version"));
        Assert.That(after.FinalizedFeaturesEpoch, Is.GreaterThan(before.FinalizedFeaturesEpoch));
        Cluster.HideApi(ApiKey.ConsumerGroupHeartbeat);
        Assert.That((await VersionsAsync()).SupportedFeatures.Select(feature => feature.Name), Does.Not.Contain("group.version"));

        Task<ApiVersionsResponse> VersionsAsync() =>
            Client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "raw", ClientSoftwareVersion = "1" }, 4, Bound);
    }

    [Test]
    public async Task A_member_commits_with_its_epoch_only()
    {
        await Client.JoinConsumerAsync("a", Topic);

        Assert.That(await CommitAsync("a", 1, 9), Is.EqualTo(ErrorCode.None));
        Assert.That(await CommitAsync("a", 0, 9), Is.EqualTo(ErrorCode.StaleMemberEpoch));
        Assert.That(await CommitAsync("b", 1, 9), Is.EqualTo(ErrorCode.UnknownMemberId));
        Assert.That(await CommitAsync("", -1, 9), Is.EqualTo(ErrorCode.UnknownMemberId));
        Assert.That(await CommitAsync("a", 1, 8), Is.EqualTo(ErrorCode.UnsupportedVersion));
        Assert.That(await CommitAsync("a", 1, 9, "other"), Is.EqualTo(ErrorCode.GroupIdNotFound));
        Assert.That(await CommitAsync("a", 1, 8, "other"), Is.EqualTo(ErrorCode.IllegalGeneration));

        Assert.That(await FetchAsync("a", 1, 9), Is.EqualTo((ErrorCode.None, 7)));
        Assert.That(await FetchAsync("a", 1, 10), Is.EqualTo((ErrorCode.None, 7)));
        Assert.That(await FetchAsync(null, -1, 9), Is.EqualTo((ErrorCode.None, 7)));
        Assert.That(await FetchAsync("a", 2, 9), Is.EqualTo((ErrorCode.StaleMemberEpoch, -1)));
        Assert.That(await FetchAsync("b", 1, 9), Is.EqualTo((ErrorCode.UnknownMemberId, -1)));

        await Client.BeatAsync("a", -1, _topic, null);
        Assert.That(await CommitAsync("", -1, 9), Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task Positions_are_deleted_but_not_of_a_topic_that_is_read()
    {
        Cluster.CreateTopic("u");
        await Client.JoinConsumerAsync("a", "u");
        await CommitAsync("a", 1, 9);

        Assert.That(await DeleteAsync(Topic, 0), Is.EqualTo((ErrorCode.None, ErrorCode.None)));
        Assert.That(await FetchAsync("a", 1, 9), Is.EqualTo((ErrorCode.None, -1)));
        Assert.That(await DeleteAsync("u", 0), Is.EqualTo((ErrorCode.None, ErrorCode.GroupSubscribedToTopic)));
        Assert.That(await DeleteAsync(Topic, 9), Is.EqualTo((ErrorCode.None, ErrorCode.UnknownTopicOrPartition)));
        Assert.That((await Client.SendAsync(new OffsetDeleteRequest { GroupId = "other" }, 0, Bound)).ErrorCode, Is.EqualTo(ErrorCode.GroupIdNotFound));

        async Task<(ErrorCode, ErrorCode)> DeleteAsync(string topic, int partition)
        {
            OffsetDeleteResponse answer = await Client.SendAsync(
                new OffsetDeleteRequest { GroupId = Group, Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition }] }] },
                0,
                Bound);
            return (answer.ErrorCode, answer.Topics.Single().Partitions.Single().ErrorCode);
        }
    }

    [Test]
    public async Task A_topic_that_takes_the_name_of_another_begins_without_positions()
    {
        await Client.JoinConsumerAsync("a", Topic);
        await CommitAsync("a", 1, 9);
        Cluster.DeleteTopic(Topic);
        _topic = Cluster.CreateTopic(Topic, 4);

        Assert.That(await FetchAsync("a", 1, 9), Is.EqualTo((ErrorCode.None, -1)));
        ConsumerGroupHeartbeatResponse next = await Client.BeatAsync("a", 1, _topic, []);
        Assert.That((next.MemberEpoch, next.Assignment!.TopicPartitions.Single().TopicId), Is.EqualTo((2, _topic)));
    }

    [Test]
    public async Task Groups_of_both_kinds_are_listed_described_and_deleted()
    {
        await Client.JoinConsumerAsync("a", Topic);
        JoinGroupRequest classic = JoiningClassic("", null, Topic);
        classic.GroupId = "classic";
        await Client.JoinClassicAsync(classic);

        Assert.That(await ListAsync([], []), Is.EquivalentTo(new[] { "classic", Group }));
        Assert.That(await ListAsync([], ["consumer"]), Is.EqualTo(new[] { Group }));
        Assert.That(await ListAsync([], ["Classic"]), Is.EqualTo(new[] { "classic" }));
        Assert.That(await ListAsync(["stable"], []), Is.EqualTo(new[] { Group }));
        Assert.That(await ListAsync(["CompletingRebalance"], ["classic"]), Is.EqualTo(new[] { "classic" }));
        ListGroupsResponse.ListedGroup listed = (await Client.ListedAsync())!;
        Assert.That((listed.GroupType, listed.ProtocolType), Is.EqualTo(("Consumer", "consumer")));

        ConsumerGroupDescribeResponse.DescribedGroup described = await Client.DescribeConsumerAsync();
        Assert.That((described.GroupEpoch, described.AssignmentEpoch, described.AssignorName), Is.EqualTo((1, 1, "uniform")));
        ConsumerGroupDescribeResponse.Member member = described.Members.Single();
        Assert.That((member.MemberId, member.MemberEpoch, member.ClientId, member.MemberType), Is.EqualTo(("a", 1, RawClient.ClientId, (sbyte)1)));
        Assert.That(member.Assignment.TopicPartitions.Single().TopicName, Is.EqualTo(Topic));
        Assert.That((await Client.DescribeConsumerAsync("classic")).ErrorCode, Is.EqualTo(ErrorCode.GroupIdNotFound));
        Assert.That((await Client.DescribeConsumerAsync("")).ErrorCode, Is.EqualTo(ErrorCode.InvalidGroupId));
        DescribeGroupsResponse old = await Client.SendAsync(new DescribeGroupsRequest { Groups = [Group] }, 6, Bound);
        Assert.That((old.Groups.Single().ErrorCode, old.Groups.Single().GroupState), Is.EqualTo((ErrorCode.GroupIdNotFound, "Dead")));

        Assert.That(await DeleteAsync(), Is.EqualTo(ErrorCode.NonEmptyGroup));
        await Client.BeatAsync("a", -1, _topic, null);
        Assert.That(await DeleteAsync(), Is.EqualTo(ErrorCode.None));
        Assert.That(await DeleteAsync(), Is.EqualTo(ErrorCode.GroupIdNotFound));

        async Task<IEnumerable<string>> ListAsync(List<string> states, List<string> types) =>
            (await Client.SendAsync(new ListGroupsRequest { StatesFilter = states, TypesFilter = types }, 5, Bound)).Groups.Select(group => group.GroupId);

        async Task<ErrorCode> DeleteAsync() => (await Client.SendAsync(new DeleteGroupsRequest { GroupsNames = [Group] }, 2, Bound)).Results.Single().ErrorCode;
    }

    private async Task<ErrorCode> CommitAsync(string memberId, int epoch, short version, string groupId = Group) =>
        (await Client.SendAsync(
            new OffsetCommitRequest
            {
                GroupId = groupId,
                GenerationIdOrMemberEpoch = epoch,
                MemberId = memberId,
                Topics = [new() { Name = Topic, Partitions = [new() { CommittedOffset = 7 }] }],
            },
            version,
            Bound)).Topics.Single().Partitions.Single().ErrorCode;

    private async Task<(ErrorCode Error, long Offset)> FetchAsync(string? memberId, int epoch, short version)
    {
        OffsetFetchResponse answer = await Client.SendAsync(
            new OffsetFetchRequest
            {
                Groups = [new() { GroupId = Group, MemberId = memberId, MemberEpoch = epoch, Topics = [new() { Name = Topic, TopicId = _topic, PartitionIndexes = [0] }] }],
            },
            version,
            Bound);
        OffsetFetchResponse.OffsetFetchResponseGroup group = answer.Groups.Single();
        return (group.ErrorCode, group.Topics.SingleOrDefault()?.Partitions.Single().CommittedOffset ?? -1);
    }
}
