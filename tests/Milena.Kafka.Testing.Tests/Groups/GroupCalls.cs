using System.Buffers;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>Requests of group members, with what tests leave open filled in.</summary>
internal static class GroupCalls
{
    public const string Group = "g";

    private static CancellationToken Bound => TestContext.CurrentContext.CancellationToken;

    public static ConsumerGroupHeartbeatRequest Joining(string memberId, params string[] topics) => new()
    {
        GroupId = Group,
        MemberId = memberId,
        RebalanceTimeoutMs = 30_000,
        SubscribedTopicNames = [.. topics],
        TopicPartitions = [],
    };

    public static Task<ConsumerGroupHeartbeatResponse> JoinConsumerAsync(this RawClient client, string memberId, params string[] topics) =>
        client.BeatAsync(Joining(memberId, topics));

    public static Task<ConsumerGroupHeartbeatResponse> BeatAsync(this RawClient client, ConsumerGroupHeartbeatRequest request, short version = 1) =>
        client.SendAsync(request, version, Bound);

    /// <summary>A heartbeat that says what is owned; no partitions for nothing, null for no word about it.</summary>
    public static Task<ConsumerGroupHeartbeatResponse> BeatAsync(this RawClient client, string memberId, int epoch, Guid topic, int[]? owned, string? instanceId = null) =>
        client.BeatAsync(new ConsumerGroupHeartbeatRequest
        {
            GroupId = Group,
            MemberId = memberId,
            MemberEpoch = epoch,
            InstanceId = instanceId,
            TopicPartitions = owned is null ? null : owned.Length == 0 ? [] : [new() { TopicId = topic, Partitions = [.. owned] }],
        });

    public static int[]? Partitions(this ConsumerGroupHeartbeatResponse answer) =>
        answer.Assignment?.TopicPartitions.SelectMany(topic => topic.Partitions).Order().ToArray();

    public static async Task<ConsumerGroupDescribeResponse.DescribedGroup> DescribeConsumerAsync(this RawClient client, string groupId = Group) =>
        (await client.SendAsync(new ConsumerGroupDescribeRequest { GroupIds = [groupId] }, 1, Bound)).Groups.Single();

    public static async Task<ListGroupsResponse.ListedGroup?> ListedAsync(this RawClient client, string groupId = Group) =>
        (await client.SendAsync(new ListGroupsRequest(), 5, Bound)).Groups.SingleOrDefault(group => group.GroupId == groupId);

    public static JoinGroupRequest JoiningClassic(string memberId, string? instanceId, params string[] topics) => new()
    {
        GroupId = Group,
        SessionTimeoutMs = 10_000,
        RebalanceTimeoutMs = 30_000,
        MemberId = memberId,
        GroupInstanceId = instanceId,
        ProtocolType = "consumer",
        Protocols = [new() { Name = "range", Metadata = Subscription(topics) }],
    };

    /// <summary>Joins, with the round for the member id where there is one.</summary>
    public static async Task<JoinGroupResponse> JoinClassicAsync(this RawClient client, JoinGroupRequest request, short version = 9)
    {
        JoinGroupResponse answer = await client.SendAsync(request, version, Bound);
        if (answer.ErrorCode == ErrorCode.MemberIdRequired)
        {
            request.MemberId = answer.MemberId;
            answer = await client.SendAsync(request, version, Bound);
        }

        return answer;
    }

    public static Task<SyncGroupResponse> SyncClassicAsync(this RawClient client, JoinGroupResponse joined, params (string Member, byte[] Assignment)[] assignments) =>
        client.SendAsync(
            new SyncGroupRequest
            {
                GroupId = Group,
                GenerationId = joined.GenerationId,
                MemberId = joined.MemberId,
                Assignments = [.. assignments.Select(assignment => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = assignment.Member, Assignment = assignment.Assignment })],
            },
            3,
            Bound);

    public static async Task<ErrorCode> BeatClassicAsync(this RawClient client, JoinGroupResponse joined, string? instanceId = null) =>
        (await client.SendAsync(
            new HeartbeatRequest { GroupId = Group, GenerationId = joined.GenerationId, MemberId = joined.MemberId, GroupInstanceId = instanceId },
            4,
            Bound)).ErrorCode;

    public static byte[] Subscription(params string[] topics) => Encode(new ConsumerProtocolSubscription { Topics = [.. topics] });

    public static byte[] Assignment(string topic, params int[] partitions) =>
        Encode(new ConsumerProtocolAssignment { AssignedPartitions = [new() { Topic = topic, Partitions = [.. partitions] }] });

    private static byte[] Encode(IMessage message)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new ProtocolWriter(bytes);
        writer.WriteInt16(1);
        message.Write(ref writer, 1);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }
}
