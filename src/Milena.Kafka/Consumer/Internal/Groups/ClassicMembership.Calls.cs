using Milena.Kafka.Consumer.Internal.Assignment;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Consumer.Internal.Groups.MembershipState;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <content>What the member asks its coordinator, and what it makes of the answers.</content>
internal sealed partial class ClassicMembership
{
    private const short FirstLeaveVersionOfLists = 3;

    // The coordinator answers a join when the rebalance time-out is over at the latest; the network needs its time too.
    private static readonly TimeSpan JoinGrace = TimeSpan.FromSeconds(5);

    private GroupCall<JoinGroupRequest, JoinGroupResponse> Join()
    {
        _joinedTopics = _topics!;
        var request = new JoinGroupRequest
        {
            GroupId = _options.GroupId,
            SessionTimeoutMs = (int)_options.SessionTimeout.TotalMilliseconds,
            RebalanceTimeoutMs = (int)_options.RebalanceTimeout.TotalMilliseconds,
            MemberId = _memberId,
            GroupInstanceId = _options.InstanceId,
            ProtocolType = ConsumerProtocol.Type,
            Protocols = [.. _options.Assignors.Select(a => new JoinGroupRequest.JoinGroupRequestProtocol { Name = a.Name, Metadata = ConsumerProtocol.WriteSubscription(Describe(a)) })],
            Reason = _cause.Reason(),
        };
        return new(Apis.JoinGroup, _ => request, TakeJoin) { Timeout = _options.RebalanceTimeout + JoinGrace };
    }

    private MemberSubscription Describe(IPartitionAssignor assignor)
    {
        // In the eager protocol nothing is owned at this point.
        var previous = new PreviousAssignment(_joinedTopics, _lastAssignment?.Partitions, _lastGeneration, _lastAssignment?.UserData);
        return new MemberSubscription
        {
            MemberId = _memberId,
            Topics = _joinedTopics,
            OwnedPartitions = [.. _changes.Owned.Order(PartitionOrder.Instance)],
            Generation = _generation,
            RackId = _options.RackId,
            UserData = assignor.CreateUserData(previous),
        };
    }

    private GroupCall<SyncGroupRequest, SyncGroupResponse> Sync()
    {
        var request = new SyncGroupRequest
        {
            GroupId = _options.GroupId,
            GenerationId = _generation,
            MemberId = _memberId,
            GroupInstanceId = _options.InstanceId,
            ProtocolType = ConsumerProtocol.Type,
            ProtocolName = _assignor,
            Assignments = _leading.TakeAssignments(),
        };
        return new(Apis.SyncGroup, _ => request, TakeSync) { Timeout = _options.RebalanceTimeout + JoinGrace };
    }

    private GroupCall<HeartbeatRequest, HeartbeatResponse> Heartbeat(TimeSpan now)
    {
        _heartbeatAt = now + _options.HeartbeatInterval;
        var request = new HeartbeatRequest { GroupId = _options.GroupId, GenerationId = _generation, MemberId = _memberId, GroupInstanceId = _options.InstanceId };

        // A coordinator that is silent for a whole session has given the member up by then.
        return new(Apis.Heartbeat, _ => request, TakeHeartbeat) { Timeout = _options.SessionTimeout };
    }

    private GroupCall<LeaveGroupRequest, LeaveGroupResponse> Leave() => new(
        Apis.LeaveGroup,
        version => version < FirstLeaveVersionOfLists
            ? new LeaveGroupRequest { GroupId = _options.GroupId, MemberId = _memberId }
            : new LeaveGroupRequest { GroupId = _options.GroupId, Members = [new() { MemberId = _memberId, GroupInstanceId = _options.InstanceId, Reason = _cause.Reason() }] },
        TakeLeave);

    private void TakeJoin(JoinGroupResponse answer, TimeSpan now)
    {
        if (!Accept(ApiKey.JoinGroup, answer.ErrorCode, answer.MemberId, now))
        {
            return;
        }

        _rebalance = _cause;
        _memberId = answer.MemberId;
        _generation = answer.GenerationId;
        _assignor = answer.ProtocolName ?? "";
        _needsRejoin = !_joinedTopics.SequenceEqual(_topics!);
        try
        {
            _leading.Begin(answer);
            State = _leading.IsLeader ? Assigning : Syncing;
        }
        catch (ProtocolException fault)
        {
            Halt(new GroupException(_options.GroupId, ErrorCode.None, $"Group '{_options.GroupId}': the subscription of a member cannot be read. {fault.Message}", fault));
        }
    }

    private void TakeSync(SyncGroupResponse answer, TimeSpan now)
    {
        if (!Accept(ApiKey.SyncGroup, answer.ErrorCode, _memberId, now))
        {
            return;
        }

        MemberAssignment given;
        try
        {
            given = ConsumerProtocol.ReadAssignment(answer.Assignment);
        }
        catch (ProtocolException fault)
        {
            Halt(new GroupException(_options.GroupId, ErrorCode.None, $"Group '{_options.GroupId}': the leader's assignment cannot be read. {fault.Message}", fault));
            return;
        }

        State = Stable;
        _lastAssignment = given;
        _lastGeneration = _generation;
        _heartbeatAt = now + _options.HeartbeatInterval;
        TopicPartition[] wanted = [.. given.Partitions.Where(p => _topics!.Contains(p.Topic)).Distinct()];
        TopicPartition[] revoked = [.. _changes.Owned.Except(wanted)];
        if (revoked.Length > 0)
        {
            // KIP-429: others get them in a second round.
            _changes.Add(ReconciliationKind.Revoke, revoked);
            NeedRejoin(RebalanceCause.PartitionsMoved);
        }

        _changes.Add(ReconciliationKind.Assign, wanted.Except(_changes.Owned));
        if (_isAway)
        {
            Abandon();
        }
    }

    private void TakeHeartbeat(HeartbeatResponse answer, TimeSpan now)
    {
        if (Accept(ApiKey.Heartbeat, answer.ErrorCode, _memberId, now))
        {
            _failures = 0;
        }
    }

    private void TakeLeave(LeaveGroupResponse answer, TimeSpan now)
    {
        MembershipAction action = ClassicErrors.Decide(ApiKey.LeaveGroup, answer.ErrorCode);
        if (_isClosing && action is MembershipAction.Retry or MembershipAction.FindCoordinator)
        {
            _coordinator = action == MembershipAction.FindCoordinator ? null : _coordinator;
            Delay(now);
            return;
        }

        // Whatever else it is, the coordinator does not count on this member any more, or soon will not.
        ForgetMembership();
        State = _isClosing ? Left : Unjoined;
    }

    /// <summary>Takes in an error, if there is one.</summary>
    /// <returns>Whether the answer is a good one.</returns>
    private bool Accept(ApiKey api, ErrorCode error, string memberId, TimeSpan now)
    {
        switch (ClassicErrors.Decide(api, error))
        {
            case MembershipAction.None:
                _failures = 0;
                return true;
            case MembershipAction.FindCoordinator:
                _coordinator = null;
                Delay(now);
                State = State == Syncing ? Joining : State;
                break;
            case MembershipAction.Retry:
                Delay(now);
                break;
            case MembershipAction.Rejoin:
                Rejoin(RebalanceCause.GroupChanged);
                break;
            case MembershipAction.TakeMemberId:
                _memberId = memberId;
                break;
            case MembershipAction.LoseGeneration:
                Lose(alsoId: false);
                break;
            case MembershipAction.LoseMembership:
                Lose(alsoId: true);
                break;
            case MembershipAction.Fenced:
                Halt(new FencedInstanceException(_options.GroupId, _options.InstanceId));
                break;
            default:
                Halt(ClassicErrors.Exception(_options.GroupId, error));
                break;
        }

        return false;
    }
}
