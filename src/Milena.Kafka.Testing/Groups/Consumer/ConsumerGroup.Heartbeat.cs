using System.Collections.Immutable;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <content>Members of the new protocol.</content>
internal sealed partial class ConsumerGroup
{
    /// <summary>Joins, reports, or leaves.</summary>
    /// <exception cref="GroupRefusalException">The member is not one, is fenced, or there is no room.</exception>
    public ConsumerGroupHeartbeatResponse Heartbeat(HeartbeatCall call, TopicCatalog topics, DateTimeOffset now)
    {
        if (call.IsLeave)
        {
            return Leave(call.Request);
        }

        RefuseIfFull(call.Request.MemberId);
        ConsumerMember before = Admit(call);
        ConsumerMember member = Update(before, call);
        Store(member);
        Advance(HasOtherSubscription(before, member) || (call.IsJoin && GroupEpoch == 0), topics);
        member = Reconcile(member, call.Owned, now);
        KeepAlive(member, now);
        return new ConsumerGroupHeartbeatResponse
        {
            MemberId = member.Id,
            MemberEpoch = member.Epoch,
            HeartbeatIntervalMs = (int)settings().HeartbeatInterval.TotalMilliseconds,
            Assignment = call.IsFull || !member.Assigned.SetEquals(before.Assigned) ? AssignmentOf(member.Assigned) : null,
        };
    }

    private static ConsumerMember Update(ConsumerMember member, HeartbeatCall call)
    {
        ConsumerGroupHeartbeatRequest request = call.Request;
        return member with
        {
            InstanceId = request.InstanceId ?? member.InstanceId,
            RackId = request.RackId ?? member.RackId,
            RebalanceTimeout = request.RebalanceTimeoutMs != -1 ? TimeSpan.FromMilliseconds(request.RebalanceTimeoutMs) : member.RebalanceTimeout,
            ServerAssignor = request.ServerAssignor ?? member.ServerAssignor,
            TopicNames = request.SubscribedTopicNames is { } names ? names.ToImmutableSortedSet(StringComparer.Ordinal) : member.TopicNames,
            TopicRegex = request.SubscribedTopicRegex ?? member.TopicRegex,
            ClientId = call.Client.Id,
            ClientHost = call.Client.Host,
            Classic = null,
        };
    }

    private static bool HasOtherSubscription(ConsumerMember before, ConsumerMember after) =>
        !before.TopicNames.SetEquals(after.TopicNames) || before.TopicRegex != after.TopicRegex;

    private static ConsumerGroupHeartbeatResponse.AssignmentStruct AssignmentOf(PartitionSet partitions) => new()
    {
        TopicPartitions = [.. partitions.GroupBy(partition => partition.TopicId).Select(topic => new ConsumerGroupHeartbeatResponse.TopicPartitions
        {
            TopicId = topic.Key,
            Partitions = [.. topic.Select(partition => partition.Partition)],
        })],
    };

    /// <summary>The member that speaks, or a new one without an epoch.</summary>
    private ConsumerMember Admit(HeartbeatCall call)
    {
        ConsumerGroupHeartbeatRequest request = call.Request;
        string memberId = request.MemberId.Length == 0 ? newMemberId() : request.MemberId;
        if (request.InstanceId is not { } instanceId)
        {
            ConsumerMember? known = Find(memberId);
            RefuseIfFenced(known, call);
            return known ?? (call.IsJoin ? new ConsumerMember(memberId) : throw Unknown(memberId));
        }

        ConsumerMember? holder = FindInstance(instanceId);
        if (!call.IsJoin)
        {
            holder = CheckInstance(holder, instanceId, memberId);
            RefuseIfFenced(holder, call);
            return holder;
        }

        if (holder is null)
        {
            return new ConsumerMember(memberId);
        }

        // A member of the classic protocol is replaced at once: KIP-345 knows no leave of a static member.
        return holder.Classic is not null || holder.Epoch == ConsumerMember.AwayEpoch
            ? Rename(holder, memberId)
            : throw new GroupRefusalException(
                ErrorCode.UnreleasedInstanceId,
                $"Static member {memberId} with instance id {instanceId} cannot join the group because the instance id is owned by {holder.Id} member.");
    }

    private ConsumerGroupHeartbeatResponse Leave(ConsumerGroupHeartbeatRequest request)
    {
        ConsumerMember member = request.InstanceId is { } instanceId
            ? CheckInstance(FindInstance(instanceId), instanceId, request.MemberId)
            : Find(request.MemberId) ?? throw Unknown(request.MemberId);
        if (request.MemberEpoch == ConsumerMember.AwayEpoch)
        {
            // Its session goes on: unless it is back by then, it is out.
            Store(member with { PreviousEpoch = member.Epoch, Epoch = ConsumerMember.AwayEpoch, Revoking = [] });
            _deadlines.Cancel(member.Id, MemberTimer.Rebalance);
        }
        else
        {
            Remove(member);
        }

        return new ConsumerGroupHeartbeatResponse { MemberId = request.MemberId, MemberEpoch = request.MemberEpoch };
    }

    private static ConsumerMember CheckInstance(ConsumerMember? holder, string instanceId, string memberId)
    {
        if (holder is null)
        {
            throw new GroupRefusalException(ErrorCode.UnknownMemberId, $"Instance id {instanceId} is unknown.");
        }

        return holder.Id == memberId
            ? holder
            : throw new GroupRefusalException(ErrorCode.FencedInstanceId, $"Static member {memberId} with instance id {instanceId} was fenced by member {holder.Id}.");
    }

    private static void RefuseIfFenced(ConsumerMember? member, HeartbeatCall call)
    {
        int epoch = call.Request.MemberEpoch;
        if (member is null || epoch == member.Epoch)
        {
            return;
        }

        // The answer that told the new epoch may have been lost: then the member can only own what it was given before.
        bool hasMissedAnswer = epoch < member.Epoch && epoch == member.PreviousEpoch && call.Owned is { } owned && owned.All(member.Assigned.Contains);
        if (!hasMissedAnswer)
        {
            throw new GroupRefusalException(
                ErrorCode.FencedMemberEpoch,
                $"The consumer group member has a {(epoch > member.Epoch ? "greater" : "smaller")} member epoch ({epoch}) than the one known by the group coordinator "
                + $"({member.Epoch}). The member must abandon all its partitions and rejoin.");
        }
    }

    private void RefuseIfFull(string memberId)
    {
        if (_members.Count >= settings().MaxSize && !_members.ContainsKey(memberId))
        {
            throw new GroupRefusalException(ErrorCode.GroupMaxSizeReached, $"The consumer group has reached its maximum capacity of {settings().MaxSize} members.");
        }
    }

    private GroupRefusalException Unknown(string memberId) => new(ErrorCode.UnknownMemberId, $"Member {memberId} is not a member of group {Id}.");
}
