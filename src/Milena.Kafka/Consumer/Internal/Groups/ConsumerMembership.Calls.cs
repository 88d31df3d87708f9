using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Consumer.Internal.Groups.ConsumerMembershipState;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <content>What the member asks its coordinator, and what it makes of the answers.</content>
internal sealed partial class ConsumerMembership
{
    private const short FirstVersionWithOwnIds = 1;
    private const int LeaveEpoch = -1;
    private const int LeaveForNowEpoch = -2;

    private GroupCall<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> Heartbeat(TimeSpan now)
    {
        bool isJoin = State == Joining;
        bool isFull = isJoin || _told is null;
        _heartbeatAt = now + _heartbeatInterval;
        _telling = new ToldState(_topics!, _assignment.Claimed);
        ToldState telling = _telling;
        ToldState? told = _told;
        string memberId = _memberId;
        int epoch = _epoch;
        bool tellsOwned = isFull || !told!.Claimed.SetEquals(telling.Claimed);
        return new(
            Apis.ConsumerGroupHeartbeat,
            version => new ConsumerGroupHeartbeatRequest
            {
                GroupId = _options.GroupId,
                MemberId = version >= FirstVersionWithOwnIds || _hasServersId ? memberId : "",
                MemberEpoch = epoch,
                InstanceId = _options.InstanceId,
                RackId = isFull ? _options.RackId : null,
                RebalanceTimeoutMs = isFull ? (int)Math.Min(_options.RebalanceTimeout.TotalMilliseconds, int.MaxValue) : -1,
                SubscribedTopicNames = isFull || !told!.Topics.SequenceEqual(telling.Topics) ? [.. telling.Topics] : null,
                SubscribedTopicRegex = isFull ? _options.RemoteTopicPattern : null,
                ServerAssignor = isFull ? _options.RemoteAssignor : null,
                TopicPartitions = tellsOwned ? Describe(telling.Claimed) : null,
            },
            (answer, at) => TakeHeartbeat(answer, telling, at));
    }

    private GroupCall<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> Leave()
    {
        var request = new ConsumerGroupHeartbeatRequest
        {
            GroupId = _options.GroupId,
            MemberId = _memberId,
            MemberEpoch = _options.InstanceId is null ? LeaveEpoch : LeaveForNowEpoch,
            InstanceId = _options.InstanceId,
        };
        return new(Apis.ConsumerGroupHeartbeat, _ => request, TakeLeave);
    }

    private static List<ConsumerGroupHeartbeatRequest.TopicPartitionsStruct> Describe(IReadOnlySet<TopicIdPartition> partitions) =>
    [
        .. partitions.GroupBy(p => p.TopicId).Select(t => new ConsumerGroupHeartbeatRequest.TopicPartitionsStruct
        {
            TopicId = t.Key,
            Partitions = [.. t.Select(p => p.Partition).Order()],
        }),
    ];

    private void TakeHeartbeat(ConsumerGroupHeartbeatResponse answer, ToldState telling, TimeSpan now)
    {
        if (!ReferenceEquals(telling, _telling))
        {
            // The membership has ended while this was on its way.
            return;
        }

        _telling = null;
        if (!Accept(answer.ErrorCode, answer.ErrorMessage, now))
        {
            return;
        }

        if (!string.IsNullOrEmpty(answer.MemberId))
        {
            _hasServersId |= answer.MemberId != _memberId;
            _memberId = answer.MemberId;
        }

        _told = telling;
        _epoch = answer.MemberEpoch;
        _staleEpoch = -1;
        _mayHaveJoined = false;
        _instanceRefusedSince = null;
        if (answer.HeartbeatIntervalMs > 0)
        {
            _heartbeatInterval = TimeSpan.FromMilliseconds(answer.HeartbeatIntervalMs);
            _heartbeatAt = now + _heartbeatInterval;
        }

        _rebalance = State == Joining ? _cause : answer.Assignment is not null ? RebalanceCause.GroupChanged : _rebalance;
        State = Member;
        if (answer.Assignment is { } assignment && !_isClosing)
        {
            _assignment.Aim(assignment.TopicPartitions.SelectMany(t => t.Partitions, (t, p) => new TopicIdPartition(t.TopicId, p)));
        }

        if (_isAway && !_isClosing)
        {
            Abandon();
        }
    }

    private void TakeLeave(ConsumerGroupHeartbeatResponse answer, TimeSpan now)
    {
        ConsumerAction action = ConsumerErrors.Decide(answer.ErrorCode, isJoining: false);
        if (_isClosing && action is ConsumerAction.Retry or ConsumerAction.FindCoordinator)
        {
            _coordinator = action == ConsumerAction.FindCoordinator ? null : _coordinator;
            Delay(now);
            return;
        }

        EndLeaving();
    }

    /// <summary>Takes in an error, if there is one.</summary>
    /// <returns>Whether the answer is a good one.</returns>
    private bool Accept(ErrorCode error, string? detail, TimeSpan now)
    {
        ConsumerAction action = ConsumerErrors.Decide(error, State == Joining);
        if (action == ConsumerAction.None)
        {
            _failures = 0;
            return true;
        }

        _told = null;
        switch (action)
        {
            case ConsumerAction.FindCoordinator:
                _coordinator = null;
                Delay(now);
                break;
            case ConsumerAction.Retry:
                Delay(now);
                break;
            case ConsumerAction.LoseMembership when State == Joining:
                // The coordinator knows this id in some epoch, by an answer that was lost: it has to forget that first.
                Delay(now);
                BeginLeaving(Unjoined);
                break;
            case ConsumerAction.LoseMembership:
                Lose();
                break;
            case ConsumerAction.AwaitInstance:
                AwaitInstance(error, detail, now);
                break;
            case ConsumerAction.Fenced:
                Halt(new FencedInstanceException(_options.GroupId, _options.InstanceId));
                break;
            case ConsumerAction.RefuseProtocol when Refuse(error):
                break;
            default:
                Halt(ConsumerErrors.Exception(_options.GroupId, error, detail));
                break;
        }

        return false;
    }

    /// <summary>The instance id is free when its holder leaves or its session ends. It may be held by this member, if the answer to its join was lost.</summary>
    private void AwaitInstance(ErrorCode error, string? detail, TimeSpan now)
    {
        _instanceRefusedSince ??= now;
        if (now - _instanceRefusedSince >= _options.InstancePatience)
        {
            _instanceRefusedSince = null;
            Halt(ConsumerErrors.Exception(_options.GroupId, error, detail));
            return;
        }

        Delay(now);
        if (_mayHaveJoined)
        {
            BeginLeaving(Unjoined);
        }
    }
}
