using System.Collections.Immutable;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <content>
/// Members of the classic protocol, during a migration. To them the group looks like one in which somebody else is always the leader: a rebalance
/// that they see is one step of their reconciliation, the generation is their member epoch.
/// </content>
internal sealed partial class ConsumerGroup
{
    /// <exception cref="GroupRefusalException">The member is not let in.</exception>
    public JoinGroupResponse ClassicJoin(JoinCall call, TopicCatalog topics, DateTimeOffset now)
    {
        JoinGroupRequest request = call.Request;
        bool isNew = request.MemberId.Length == 0;
        string memberId = isNew ? newMemberId() : request.MemberId;
        RefuseIfFull(memberId);
        RefuseUnlessSupported(request);
        if (isNew && call.MustKnowId)
        {
            return call.Failed(ErrorCode.MemberIdRequired, memberId);
        }

        ConsumerProtocolSubscription subscription = ReadSubscription(request.Protocols[0]);
        ConsumerMember before = AdmitClassic(memberId, request.GroupInstanceId, isNew);
        ConsumerMember member = before with
        {
            InstanceId = request.GroupInstanceId ?? before.InstanceId,
            RackId = subscription.RackId ?? before.RackId,
            RebalanceTimeout = call.RebalanceTimeout,
            TopicNames = subscription.Topics.ToImmutableSortedSet(StringComparer.Ordinal),
            TopicRegex = "",
            ClientId = call.ClientId,
            ClientHost = call.ClientHost,
            Classic = new ClassicMembership(call.SessionTimeout, request.Protocols),
        };
        Store(member);
        Advance(HasOtherSubscription(before, member), topics);
        TopicIdPartition[] owned = [.. EmbeddedProtocol.Resolve(subscription.OwnedPartitions.Select(topic => (topic.Topic, topic.Partitions)), topics)];
        member = Reconcile(member, owned, now);
        _deadlines.Cancel(member.Id, MemberTimer.Join);
        _deadlines.Set(member.Id, MemberTimer.Sync, now + call.RebalanceTimeout);
        KeepAlive(member, now);
        return new JoinGroupResponse
        {
            MemberId = member.Id,
            GenerationId = member.Epoch,
            ProtocolType = EmbeddedProtocol.Type,
            ProtocolName = member.Classic!.First.Name,
        };
    }

    /// <exception cref="GroupRefusalException">The member is none, or has to join again first.</exception>
    public SyncGroupResponse ClassicSync(SyncGroupRequest request, TopicCatalog topics, DateTimeOffset now)
    {
        ConsumerMember member = FindClassic(request.MemberId, request.GroupInstanceId, request.GenerationId);
        if ((request.ProtocolType is not null && request.ProtocolType != EmbeddedProtocol.Type)
            || (request.ProtocolName is not null && request.ProtocolName != member.Classic!.First.Name))
        {
            throw new GroupRefusalException(ErrorCode.InconsistentGroupProtocol, "The protocol is not the one that the join was answered with.");
        }

        // A member that still has to revoke gets what is left to it first; it joins again when it has revoked.
        if (GroupEpoch > member.Epoch && member.State != MemberState.UnrevokedPartitions)
        {
            _deadlines.SetIfNone(member.Id, MemberTimer.Join, now + member.RebalanceTimeout);
            throw new GroupRefusalException(ErrorCode.RebalanceInProgress, $"Member {member.Id} should join again to catch up.");
        }

        _deadlines.Cancel(member.Id, MemberTimer.Sync);
        KeepAlive(member, now);
        return new SyncGroupResponse
        {
            ProtocolType = request.ProtocolType,
            ProtocolName = request.ProtocolName,
            Assignment = EmbeddedProtocol.WriteAssignment(member.Assigned, topics, member.Classic!.First.Metadata),
        };
    }

    /// <exception cref="GroupRefusalException">The member is none.</exception>
    public ErrorCode ClassicHeartbeat(HeartbeatRequest request, DateTimeOffset now)
    {
        ConsumerMember member = FindClassic(request.MemberId, request.GroupInstanceId, request.GenerationId);
        KeepAlive(member, now);
        bool mustRejoin = member.Epoch < GroupEpoch
            || member.State == MemberState.UnrevokedPartitions
            || (member.State == MemberState.UnreleasedPartitions && TargetOf(member.Id).Except(member.Assigned).All(_owners.IsFree));
        if (!mustRejoin)
        {
            return ErrorCode.None;
        }

        _deadlines.SetIfNone(member.Id, MemberTimer.Join, now + member.RebalanceTimeout);
        return ErrorCode.RebalanceInProgress;
    }

    /// <exception cref="GroupRefusalException">The member is none.</exception>
    public void ClassicLeave(string memberId, string? instanceId)
    {
        ConsumerMember? member = instanceId is null ? Find(memberId) : FindInstance(instanceId);
        if (member is not null && instanceId is not null && memberId.Length > 0)
        {
            CheckInstance(member, instanceId, memberId);
        }

        Remove(member?.Classic is not null ? member : throw Unknown(memberId));
    }

    private static ConsumerProtocolSubscription ReadSubscription(JoinGroupRequest.JoinGroupRequestProtocol protocol)
    {
        try
        {
            return EmbeddedProtocol.ReadSubscription(protocol.Metadata);
        }
        catch (ProtocolException fault)
        {
            throw new GroupRefusalException(ErrorCode.UnknownServerError, $"The subscription cannot be read: {fault.Message}");
        }
    }

    private ConsumerMember AdmitClassic(string memberId, string? instanceId, bool isNew)
    {
        if (instanceId is null)
        {
            return Find(memberId) ?? new ConsumerMember(memberId);
        }

        ConsumerMember? holder = FindInstance(instanceId);
        if (!isNew)
        {
            return CheckInstance(holder, instanceId, memberId);
        }

        return holder is null ? new ConsumerMember(memberId) : Rename(holder, memberId);
    }

    private ConsumerMember FindClassic(string memberId, string? instanceId, int generation)
    {
        ConsumerMember? member = instanceId is null ? Find(memberId) : CheckInstance(FindInstance(instanceId), instanceId, memberId);
        if (member?.Classic is null)
        {
            throw Unknown(memberId);
        }

        return member.Epoch == generation
            ? member
            : throw new GroupRefusalException(ErrorCode.IllegalGeneration, $"The generation {generation} is not the epoch {member.Epoch} of member {memberId}.");
    }

    private void RefuseUnlessSupported(JoinGroupRequest request)
    {
        ClassicMembership[] classic = [.. _members.Values.Select(member => member.Classic).OfType<ClassicMembership>()];
        bool isSupported = request.ProtocolType == EmbeddedProtocol.Type
            && request.Protocols.Exists(offered => Array.TrueForAll(classic, member => member.Protocols.Any(protocol => protocol.Name == offered.Name)));
        if (!isSupported)
        {
            throw new GroupRefusalException(ErrorCode.InconsistentGroupProtocol, "The member's protocols are not supported.");
        }
    }
}
