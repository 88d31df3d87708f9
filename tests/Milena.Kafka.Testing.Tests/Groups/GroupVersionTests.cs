using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Groups.GroupCalls;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>The life of a classic group in every version of the requests that it takes.</summary>
internal sealed class GroupVersionTests : ClusterTest
{
    [Test]
    public async Task A_group_lives_in_every_version([Range(0, 10)] int step)
    {
        Guid id = Cluster.CreateTopic(Topic);
        JoinGroupRequest join = JoiningClassic("", null, Topic);
        JoinGroupResponse joined = await Client.JoinClassicAsync(join, Version(ApiKey.JoinGroup));
        Assert.That((joined.ErrorCode, joined.GenerationId, joined.ProtocolName, joined.Leader), Is.EqualTo((ErrorCode.None, 1, "range", joined.MemberId)));
        SyncGroupResponse synced = await Client.SendAsync(
            new SyncGroupRequest
            {
                GroupId = Group,
                GenerationId = 1,
                MemberId = joined.MemberId,
                ProtocolType = "consumer",
                ProtocolName = "range",
                Assignments = [new() { MemberId = joined.MemberId, Assignment = Assignment(Topic, 0) }],
            },
            Version(ApiKey.SyncGroup),
            Bound);
        Assert.That(synced.Assignment.ToArray(), Is.EqualTo(Assignment(Topic, 0)));
        HeartbeatResponse beat = await Client.SendAsync(new HeartbeatRequest { GroupId = Group, GenerationId = 1, MemberId = joined.MemberId }, Version(ApiKey.Heartbeat), Bound);
        Assert.That(beat.ErrorCode, Is.EqualTo(ErrorCode.None));

        await CommitAndFetchAsync(joined.MemberId, id);
        await DescribeAsync(joined.MemberId);
        LeaveGroupResponse left = await Client.SendAsync(Leave(joined.MemberId), Version(ApiKey.LeaveGroup), Bound);
        Assert.That((left.ErrorCode, left.Members.FirstOrDefault()?.ErrorCode ?? ErrorCode.None), Is.EqualTo((ErrorCode.None, ErrorCode.None)));
        DeleteGroupsResponse deleted = await Client.SendAsync(new DeleteGroupsRequest { GroupsNames = [Group] }, Version(ApiKey.DeleteGroups), Bound);
        Assert.That(deleted.Results.Single().ErrorCode, Is.EqualTo(ErrorCode.None));

        short Version(ApiKey key) => Versions(key, step);

        LeaveGroupRequest Leave(string memberId) => Version(ApiKey.LeaveGroup) < 3
            ? new LeaveGroupRequest { GroupId = Group, MemberId = memberId }
            : new LeaveGroupRequest { GroupId = Group, Members = [new() { MemberId = memberId }] };

        async Task CommitAndFetchAsync(string memberId, Guid topicId)
        {
            short version = Version(ApiKey.OffsetCommit);
            OffsetCommitResponse committed = await Client.SendAsync(
                new OffsetCommitRequest
                {
                    GroupId = Group,
                    GenerationIdOrMemberEpoch = 1,
                    MemberId = memberId,
                    Topics = [new() { Name = Topic, TopicId = topicId, Partitions = [new() { CommittedOffset = 3 }] }],
                },
                version,
                Bound);

            // Version 0 names no member, so that it is somebody from outside who commits.
            Assert.That(committed.Topics.Single().Partitions.Single().ErrorCode, Is.EqualTo(version == 0 ? ErrorCode.UnknownMemberId : ErrorCode.None));
            version = Version(ApiKey.OffsetFetch);
            OffsetFetchRequest fetch = version < 8
                ? new OffsetFetchRequest { GroupId = Group, Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }
                : new OffsetFetchRequest { Groups = [new() { GroupId = Group, Topics = [new() { Name = Topic, TopicId = topicId, PartitionIndexes = [0] }] }] };
            OffsetFetchResponse fetched = await Client.SendAsync(fetch, version, Bound);
            long offset = version < 8 ? fetched.Topics.Single().Partitions.Single().CommittedOffset : fetched.Groups.Single().Topics.Single().Partitions.Single().CommittedOffset;
            Assert.That(offset, Is.EqualTo(step == 0 ? -1 : 3));
        }

        async Task DescribeAsync(string memberId)
        {
            DescribeGroupsResponse.DescribedGroup described =
                (await Client.SendAsync(new DescribeGroupsRequest { Groups = [Group] }, Version(ApiKey.DescribeGroups), Bound)).Groups.Single();
            Assert.That((described.GroupState, described.ProtocolData, described.Members.Single().MemberId), Is.EqualTo(("Stable", "range", memberId)));
            ListGroupsResponse listed = await Client.SendAsync(new ListGroupsRequest(), Version(ApiKey.ListGroups), Bound);
            Assert.That(listed.Groups.Single().ProtocolType, Is.EqualTo("consumer"));
        }
    }

    /// <summary>The step counts through all versions; an API that has fewer stays at its last.</summary>
    private static short Versions(ApiKey key, int step)
    {
        Api api = Apis.All.Single(api => api.Key == key);
        return (short)Math.Clamp(step, api.LowestVersion, api.HighestStableVersion);
    }
}
