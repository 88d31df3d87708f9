using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>A ConsumerGroupHeartbeat request, where it came from, and whether it makes sense by itself.</summary>
internal sealed class HeartbeatCall
{
    private const short FirstVersionOfOwnIds = 1;

    /// <exception cref="GroupRefusalException">The request contradicts itself, whatever the group.</exception>
    public HeartbeatCall(ConsumerGroupHeartbeatRequest request, short version, ClientIdentity client)
    {
        Request = request;
        Client = client;
        Owned = request.TopicPartitions is { } topics ? [.. topics.SelectMany(topic => topic.Partitions, (topic, partition) => new TopicIdPartition(topic.TopicId, partition))] : null;
        Validate(request, version);
    }

    public ConsumerGroupHeartbeatRequest Request { get; }

    public ClientIdentity Client { get; }

    /// <summary>What the member says that it owns; null if it says nothing about it.</summary>
    public IReadOnlyCollection<TopicIdPartition>? Owned { get; }

    public bool IsJoin => Request.MemberEpoch == (int)MemberEpoch.Join;

    public bool IsLeave => Request.MemberEpoch < 0;

    /// <summary>Whether everything is told anew, so that everything is answered.</summary>
    public bool IsFull =>
        IsJoin || (Request.RebalanceTimeoutMs != -1 && (Request.SubscribedTopicNames is not null || Request.SubscribedTopicRegex is not null) && Owned is not null);

    private static void Validate(ConsumerGroupHeartbeatRequest request, short version)
    {
        RefuseIf(request.GroupId.Length == 0, "GroupId can't be empty.");
        RefuseIf(request.InstanceId is "", "InstanceId can't be empty.");
        RefuseIf(request.RackId is "", "RackId can't be empty.");
        RefuseIf(request.MemberId.Length == 0 && (version >= FirstVersionOfOwnIds || request.MemberEpoch != (int)MemberEpoch.Join), "MemberId can't be empty.");
        RefuseIf(request.MemberEpoch < (int)MemberEpoch.LeaveStatic, "MemberEpoch is invalid.");
        if (request.MemberEpoch == (int)MemberEpoch.Join)
        {
            RefuseIf(request.RebalanceTimeoutMs == -1, "RebalanceTimeoutMs must be provided in first request.");
            RefuseIf(request.TopicPartitions is not { Count: 0 }, "TopicPartitions must be empty when (re-)joining.");
            RefuseIf(
                request.SubscribedTopicNames is null && request.SubscribedTopicRegex is null,
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
        }

        RefuseIf(request.MemberEpoch == (int)MemberEpoch.LeaveStatic && request.InstanceId is null, "InstanceId can't be null.");
        if (request.ServerAssignor is { } assignor && !ServerAssignors.All.ContainsKey(assignor))
        {
            throw new GroupRefusalException(
                ErrorCode.UnsupportedAssignor,
                $"ServerAssignor {assignor} is not supported. Supported assignors: {string.Join(", ", ServerAssignors.All.Keys)}.");
        }

        if (request.SubscribedTopicRegex is { Length: > 0 } regex)
        {
            _ = new TopicPattern(regex);
        }
    }

    private static void RefuseIf(bool isWrong, string why)
    {
        if (isWrong)
        {
            throw new GroupRefusalException(ErrorCode.InvalidRequest, why);
        }
    }
}
