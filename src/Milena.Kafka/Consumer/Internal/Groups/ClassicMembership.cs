using Milena.Kafka.Consumer.Internal.Assignment;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Consumer.Internal.Groups.MembershipState;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Membership by the classic protocol: join, sync, heartbeat, leave; eager, or cooperative (KIP-429); static members (KIP-345). Decides only; not thread-safe.</summary>
internal sealed partial class ClassicMembership : IGroupMembership
{
    private readonly MembershipOptions _options;
    private readonly ReconciliationQueue _changes = new();
    private readonly LeaderRound _leading = new();
    private IReadOnlyList<string>? _topics;
    private IReadOnlyDictionary<string, AssignableTopic>? _known;
    private IReadOnlyList<string> _joinedTopics = [];
    private MemberAssignment? _lastAssignment;
    private int _lastGeneration = -1;
    private string _memberId = "";
    private int _generation = -1;
    private string _assignor = "";
    private int? _coordinator;
    private TimeSpan _retryAt;
    private TimeSpan _heartbeatAt;
    private int _failures;
    private RebalanceCause _cause;
    private RebalanceCause? _rebalance;
    private bool _needsRejoin;
    private bool _isAway = true;
    private bool _isClosing;
    private KafkaException? _fault;

    public ClassicMembership(MembershipOptions options) => _options = options;

    public MembershipState State { get; private set; } = Unjoined;

    public string StateName => State.ToString();

    public GroupIdentity Identity => new(_options.GroupId, _memberId, _generation, _options.InstanceId);

    public CommitGate CommitGate => State switch
    {
        Stable when _changes.IsIdle => CommitGate.Open,
        Stable or Revoking when _generation >= 0 => CommitGate.Closing,
        Joining or Assigning or Syncing when _generation >= 0 => CommitGate.Waiting,
        _ => CommitGate.Closed,
    };

    public bool HoldsNothing => _changes.IsIdle && _changes.Owned.Count == 0;

    /// <summary>What the consumer holds.</summary>
    public IReadOnlyCollection<TopicPartition> Owned => _changes.Owned;

    public GroupStep Next(TimeSpan now)
    {
        Advance();
        return State switch
        {
            Left => new GroupStep.End(),
            Halted or Fenced or Unjoined => new GroupStep.Wait(null),
            Revoking when _generation < 0 => new GroupStep.Wait(null),
            _ when now < _retryAt => new GroupStep.Wait(_retryAt),
            _ when _coordinator is null => new GroupStep.FindCoordinator(),
            Joining => Call(Join()),
            Assigning => new GroupStep.DescribeTopics(_leading.Topics),
            Syncing => Call(Sync()),
            Leaving => Call(Leave()),
            _ when now < _heartbeatAt => new GroupStep.Wait(_heartbeatAt),
            _ => Call(Heartbeat(now)),
        };
    }

    public void Failed(KafkaException failure, TimeSpan now)
    {
        if (!failure.IsRetriable && failure is not ConnectionException)
        {
            // A request that no broker version can carry, or a coordinator that must not be asked.
            Halt(failure);
            return;
        }

        _coordinator = null;
        Delay(now);
        if (State is Syncing or Assigning)
        {
            Rejoin(RebalanceCause.AnswerLost);
        }
        else if (State == Leaving && !_isClosing)
        {
            ForgetMembership();
            State = Unjoined;
        }
    }

    // The coordinator is asked on a new connection; looking for it first could wait behind whatever else it does not answer.
    public void Cancelled() => _retryAt = TimeSpan.Zero;

    public void CoordinatorFound(int brokerId) => _coordinator = brokerId;

    public void TopicsDescribed(IReadOnlyDictionary<string, AssignableTopic> topics)
    {
        if (State != Assigning)
        {
            return;
        }

        try
        {
            _known = topics;
            _leading.Assign(_options.Assignors.First(a => a.Name == _assignor), topics);
            State = Syncing;
        }
        catch (Exception fault)
        {
            // Assignors are the user's code and may throw anything. The others must not wait for this member.
            _fault = new GroupException(_options.GroupId, ErrorCode.None, $"Group '{_options.GroupId}': the assignor '{_assignor}' failed. {fault.Message}", fault);
            Abandon();
            _isAway = true;
        }
    }

    public void MetadataChanged(IReadOnlyDictionary<string, AssignableTopic> topics)
    {
        _known = topics;
        RejoinIfOutdated();
    }

    public void CommitRefused(ErrorCode error, GroupIdentity identity, TimeSpan now)
    {
        if (identity == Identity && State is Stable or Revoking)
        {
            Accept(ApiKey.OffsetCommit, error, _memberId, now);
        }
    }

    public void Subscribe(IReadOnlyList<string> topics)
    {
        string[] sorted = [.. topics.Distinct().Order(StringComparer.Ordinal)];
        if (_topics is null || !_topics.SequenceEqual(sorted))
        {
            _topics = sorted;
            NeedRejoin(_cause == RebalanceCause.Joined && State == Unjoined ? RebalanceCause.Joined : RebalanceCause.SubscriptionChanged);
        }
    }

    public Reconciliation? TakeReconciliation() => _changes.Take();

    public void Reconciled() => _changes.Done();

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
        if (State is Stable or Revoking && !_isClosing)
        {
            Abandon();
        }
    }

    public void Resume()
    {
        _isAway = false;
        State = State == Halted ? Unjoined : State;
    }

    public void Close() => _isClosing = true;

    /// <summary>The moves that need no answer from anyone.</summary>
    private void Advance()
    {
        if (_isClosing && State is not (Leaving or Left))
        {
            AdvanceToEnd();
            return;
        }

        switch (State)
        {
            case Unjoined when _topics is not null && !_isAway && _changes.IsIdle:
                State = Joining;
                break;
            case Stable when _needsRejoin && _changes.IsIdle:
                BeginRejoin();
                break;
            case Revoking when _changes.IsIdle:
                State = Joining;
                break;
            case Leaving when _isAway && _options.InstanceId is not null && !_isClosing:
                // A static member does not leave; it comes back, or its session ends.
                ForgetMembership();
                State = Unjoined;
                break;
            default:
                break;
        }
    }

    private void AdvanceToEnd()
    {
        if (!_changes.IsIdle)
        {
            State = State is Stable or Revoking ? Revoking : Unjoined;
        }
        else if (_changes.Owned.Count > 0)
        {
            bool isMember = _generation >= 0 && State is not (Unjoined or Fenced or Halted);
            _changes.Add(isMember ? ReconciliationKind.Revoke : ReconciliationKind.Lose, _changes.Owned);
            State = isMember ? Revoking : Unjoined;
        }
        else
        {
            State = _memberId.Length > 0 && _options.InstanceId is null && State != Fenced ? Leaving : Left;
            _cause = RebalanceCause.Closed;
        }
    }

    private void BeginRejoin()
    {
        _needsRejoin = false;
        IEnumerable<TopicPartition> given = _options.IsCooperative ? _changes.Owned.Where(p => !_topics!.Contains(p.Topic)) : _changes.Owned;
        TopicPartition[] all = [.. given];
        if (all.Length > 0)
        {
            _changes.Add(ReconciliationKind.Revoke, all);
        }

        State = all.Length > 0 ? Revoking : Joining;
    }

    private void RejoinIfOutdated()
    {
        if (State == Stable && _known is not null && _leading.IsOutdated(_known))
        {
            NeedRejoin(RebalanceCause.MetadataChanged);
        }
    }

    private void NeedRejoin(RebalanceCause cause)
    {
        _needsRejoin = true;
        _cause = cause;
    }

    private void Rejoin(RebalanceCause cause)
    {
        _cause = cause;
        if (State == Stable)
        {
            NeedRejoin(cause);
        }
        else if (State is Syncing or Assigning)
        {
            State = Joining;
        }
    }

    /// <summary>Goes without waiting for anyone: partitions are lost at once, so that others get them.</summary>
    private void Abandon()
    {
        _changes.LoseAll();
        _cause = RebalanceCause.PollInterval;
        State = Leaving;
    }

    private void Lose(bool alsoId)
    {
        _changes.LoseAll();
        _generation = -1;
        _memberId = alsoId ? "" : _memberId;
        _cause = RebalanceCause.MembershipLost;
        State = State is Leaving or Left ? State : Unjoined;
    }

    private void ForgetMembership()
    {
        _generation = -1;
        _memberId = "";
        _needsRejoin = false;
    }

    private void Halt(KafkaException fault)
    {
        _fault = fault;
        _changes.LoseAll();
        _cause = RebalanceCause.MembershipLost;
        _generation = -1;
        State = fault is FencedInstanceException ? Fenced : Halted;
        if (State == Fenced)
        {
            _memberId = "";
        }
    }

    private void Delay(TimeSpan now) => _retryAt = now + _options.Backoff.Pause(++_failures);

    private GroupStep.Call Call(GroupCall call) => new(_coordinator!.Value, call);
}
