using Milena.Kafka.Protocol;
using static Milena.Kafka.Consumer.Internal.Groups.ConsumerMembershipState;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>
/// Membership by the protocol of KIP-848: heartbeats alone join, report, receive and leave, and the coordinator decides who gets what. Decides only; not thread-safe.
/// </summary>
internal sealed partial class ConsumerMembership : IGroupMembership
{
    private readonly MembershipOptions _options;
    private readonly ConsumerAssignment _assignment = new();
    private string _memberId;
    private int _epoch;
    private int _staleEpoch = -1;
    private bool _hasServersId;
    private bool _mayHaveJoined;
    private IReadOnlyList<string>? _topics;
    private ToldState? _told;
    private ToldState? _telling;
    private TimeSpan _heartbeatInterval;
    private TimeSpan _heartbeatAt;
    private TimeSpan _lookUpAt;
    private TimeSpan _retryAt;
    private TimeSpan? _instanceRefusedSince;
    private ConsumerMembershipState _afterLeaving;
    private int? _coordinator;
    private int _failures;
    private bool _isAway = true;
    private bool _isClosing;
    private KafkaException? _fault;
    private RebalanceCause _cause;
    private RebalanceCause? _rebalance;

    /// <summary>Starts outside of the group.</summary>
    /// <param name="options">How to be a member.</param>
    /// <param name="memberId">The id of the member for its life; brokers that know only version 0 give another.</param>
    public ConsumerMembership(MembershipOptions options, string memberId)
    {
        _options = options;
        _memberId = memberId;
        _heartbeatInterval = options.HeartbeatInterval;
    }

    public ConsumerMembershipState State { get; private set; } = Unjoined;

    /// <summary>Why the brokers, or the group, do not take members of this protocol; the membership then ends by itself. Only if <see cref="MembershipOptions.MayFallBack"/>.</summary>
    public ErrorCode? ProtocolRefusal { get; private set; }

    public string StateName => State.ToString();

    public GroupIdentity Identity => new(_options.GroupId, _memberId, State == Member ? _epoch : -1, _options.InstanceId) { HasEpoch = true };

    public CommitGate CommitGate => State switch
    {
        Member when _epoch != _staleEpoch => CommitGate.Open,
        Member => CommitGate.Waiting,
        _ => CommitGate.Closed,
    };

    public bool HoldsNothing => _assignment.IsIdle && _assignment.Owned.Count == 0;

    /// <summary>What the consumer holds.</summary>
    public IReadOnlyCollection<TopicPartition> Owned => _assignment.Owned;

    public GroupStep Next(TimeSpan now)
    {
        Advance();
        return State switch
        {
            Left => new GroupStep.End(),
            Halted or Fenced or Unjoined => new GroupStep.Wait(null),
            _ when now < _retryAt => new GroupStep.Wait(_retryAt),
            _ when _coordinator is null => new GroupStep.FindCoordinator(),
            Leaving => Call(Leave()),
            Member when now < _heartbeatAt && !HasNews => WaitOrLookUp(now),
            _ => Call(Heartbeat(now)),
        };
    }

    public void Failed(KafkaException failure, TimeSpan now)
    {
        Doubt();
        if (failure is UnsupportedVersionException && State != Leaving && Refuse(ErrorCode.UnsupportedVersion))
        {
            return;
        }

        bool isFinal = !failure.IsRetriable && failure is not ConnectionException;
        if (isFinal && State != Leaving)
        {
            // A request that no broker version can carry, or a coordinator that must not be asked.
            Halt(failure);
            return;
        }

        _coordinator = null;
        Delay(now);
        if (State == Leaving && (isFinal || !_isClosing))
        {
            EndLeaving();
        }
    }

    public void Cancelled()
    {
        // The coordinator is asked on a new connection; looking for it first could wait behind whatever else it does not answer.
        Doubt();
        _retryAt = TimeSpan.Zero;
    }

    public void CoordinatorFound(int brokerId) => _coordinator = brokerId;

    public void TopicsDescribed(IReadOnlyDictionary<string, AssignableTopic> topics) => _assignment.Learn(topics);

    public void MetadataChanged(IReadOnlyDictionary<string, AssignableTopic> topics) => _assignment.Learn(topics);

    public void CommitRefused(ErrorCode error, GroupIdentity identity, TimeSpan now)
    {
        if (identity != Identity || State != Member)
        {
            return;
        }

        switch (error)
        {
            case ErrorCode.StaleMemberEpoch or ErrorCode.RebalanceInProgress:
                // The next heartbeat brings the epoch that the coordinator has moved on to.
                _staleEpoch = _epoch;
                _heartbeatAt = now;
                break;
            default:
                Accept(error, null, now);
                break;
        }
    }

    public void Subscribe(IReadOnlyList<string> topics) => _topics = [.. topics.Distinct().Order(StringComparer.Ordinal)];

    public Reconciliation? TakeReconciliation() => _assignment.Take();

    public void Reconciled() => _assignment.Done();

    public RebalanceCause? TakeRebalance()
    {
        RebalanceCause? cause = _rebalance;
        _rebalance = null;
        return cause;
    }

    public KafkaException? TakeFault()
    {
        KafkaException? fault = _fault;
        _fault = null;
        return fault;
    }

    public void PollExceeded()
    {
        _isAway = true;
        if (State == Member && !_isClosing)
        {
            Abandon();
        }
    }

    public void Resume()
    {
        _isAway = false;
        if (State == Halted)
        {
            State = Unjoined;
        }
        else if (State == Leaving && _afterLeaving == Halted)
        {
            _afterLeaving = Unjoined;
        }
    }

    public void Close() => _isClosing = true;

    private bool HasNews => !_isClosing && (_told is null || !_told.Topics.SequenceEqual(_topics!) || !_told.Claimed.SetEquals(_assignment.Claimed));

    /// <summary>The moves that need no answer from anyone.</summary>
    private void Advance()
    {
        if (_isClosing && State is not (Leaving or Left))
        {
            AdvanceToEnd();
        }
        else if (State == Unjoined && _topics is not null && !_isAway && HoldsNothing)
        {
            _told = null;
            State = Joining;
        }
    }

    /// <summary>Gives up all in good order, while heartbeats go on; then leaves.</summary>
    private void AdvanceToEnd()
    {
        if (!_assignment.IsIdle)
        {
            return;
        }

        if (_assignment.Owned.Count > 0 && State == Member)
        {
            _assignment.RevokeAll();
        }
        else if (_assignment.Owned.Count > 0)
        {
            _assignment.LoseAll();
        }
        else if (State != Fenced && (_epoch > 0 || _mayHaveJoined) && ProtocolRefusal != ErrorCode.UnsupportedVersion)
        {
            BeginLeaving(Left);
        }
        else
        {
            State = Left;
        }
    }

    private GroupStep WaitOrLookUp(TimeSpan now)
    {
        IReadOnlyCollection<Guid> unknown = _assignment.UnknownTopics;
        if (unknown.Count == 0 || _isClosing)
        {
            return new GroupStep.Wait(_heartbeatAt);
        }

        if (now < _lookUpAt)
        {
            return new GroupStep.Wait(_lookUpAt < _heartbeatAt ? _lookUpAt : _heartbeatAt);
        }

        _lookUpAt = now + _heartbeatInterval;
        return new GroupStep.FindTopics(unknown);
    }

    /// <summary>Goes without waiting for anyone: partitions are lost at once, so that others get them.</summary>
    private void Abandon()
    {
        _assignment.LoseAll();
        _cause = RebalanceCause.PollInterval;
        BeginLeaving(Unjoined);
    }

    private void BeginLeaving(ConsumerMembershipState after)
    {
        State = Leaving;
        _afterLeaving = after;
        _telling = null;
    }

    /// <summary>Whatever came of it, the coordinator does not count on this member any more, or soon will not.</summary>
    private void EndLeaving()
    {
        _epoch = 0;
        _mayHaveJoined = false;
        State = !_isClosing ? _afterLeaving : HoldsNothing ? Left : Unjoined;
    }

    private void Lose()
    {
        _assignment.LoseAll();
        _cause = RebalanceCause.MembershipLost;
        _epoch = 0;
        _telling = null;
        State = Unjoined;
    }

    /// <summary>Stops until the user, who is told, reads on; leaves before, so that nobody waits for this member meanwhile.</summary>
    private void Halt(KafkaException fault)
    {
        _fault = fault;
        _telling = null;
        _assignment.LoseAll();
        _cause = RebalanceCause.MembershipLost;
        if (fault is FencedInstanceException)
        {
            _epoch = 0;
            _mayHaveJoined = false;
            State = Fenced;
        }
        else if (_epoch > 0 && fault is not UnsupportedVersionException)
        {
            BeginLeaving(Halted);
        }
        else
        {
            _epoch = 0;
            State = Halted;
        }
    }

    /// <summary>Ends for the sake of the other protocol, if that is allowed.</summary>
    private bool Refuse(ErrorCode error)
    {
        if (!_options.MayFallBack)
        {
            return false;
        }

        ProtocolRefusal = error;
        _isClosing = true;
        return true;
    }

    /// <summary>A call came to no answer: what the coordinator made of it is not known, so the next heartbeat says everything (KIP-848).</summary>
    private void Doubt()
    {
        _mayHaveJoined |= State == Joining && _telling is not null;
        _telling = null;
        _told = null;
    }

    private void Delay(TimeSpan now) => _retryAt = now + _options.Backoff.Pause(++_failures);

    private GroupStep.Call Call(GroupCall call) => new(_coordinator!.Value, call);
}
