using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>
/// Membership by the protocol of KIP-848 where the cluster serves it, else by the classic one; changes over, in good order, when that changes. Decides only; not
/// thread-safe.
/// </summary>
internal sealed class AutoMembership : IGroupMembership
{
    private readonly MembershipOptions _options;
    private readonly Func<MembershipOptions, ConsumerMembership> _createConsumer;
    private readonly TimeSpan _probeInterval;
    private IGroupMembership? _current;
    private IReadOnlyList<string>? _topics;
    private IReadOnlyDictionary<string, AssignableTopic>? _known;
    private KafkaException? _fault;
    private string? _note;
    private int? _coordinator;
    private TimeSpan _probeAt;
    private TimeSpan _retryAt;
    private int _failures;
    private bool _isProbing;
    private bool _isAway = true;
    private bool _isClosing;
    private bool _isChangingOver;
    private bool _staysClassic;
    private bool _wasStable;

    /// <summary>Starts outside of the group.</summary>
    /// <param name="options">How to be a member, by either protocol.</param>
    /// <param name="createConsumer">Makes the membership of KIP-848.</param>
    /// <param name="probeInterval">How often a member of the classic protocol looks whether the cluster has been upgraded.</param>
    public AutoMembership(MembershipOptions options, Func<MembershipOptions, ConsumerMembership> createConsumer, TimeSpan probeInterval)
    {
        _options = options with { MayFallBack = true };
        _createConsumer = createConsumer;
        _probeInterval = probeInterval;
    }

    /// <summary>The membership by the protocol that is spoken now; null before that is known.</summary>
    public IGroupMembership? Current => _current;

    public string StateName => _current?.StateName ?? nameof(MembershipState.Unjoined);

    public GroupIdentity Identity => _current?.Identity ?? new GroupIdentity(_options.GroupId, "", -1, _options.InstanceId);

    public CommitGate CommitGate => _current?.CommitGate ?? CommitGate.Closed;

    public bool HoldsNothing => _current?.HoldsNothing ?? true;

    public GroupStep Next(TimeSpan now)
    {
        if (_current is null)
        {
            return Choose(now);
        }

        if (IsProbeDue(now))
        {
            return Probe(isAgain: true);
        }

        GroupStep step = _current.Next(now);
        if (step is GroupStep.End && !_isClosing && !IsFencedForGood)
        {
            if (!_current.HoldsNothing)
            {
                // What it lost on its way out is still being given up.
                return new GroupStep.Wait(null);
            }

            ChangeOver(now);
            return Next(now);
        }

        if (step is GroupStep.Wait wait && CanProbe && (wait.Until is null || wait.Until > _probeAt))
        {
            return new GroupStep.Wait(_probeAt);
        }

        return step;
    }

    public void Failed(KafkaException failure, TimeSpan now)
    {
        if (_isProbing && _current is not null)
        {
            // The classic protocol serves meanwhile.
            _isProbing = false;
            _probeAt = now + _probeInterval;
        }
        else if (_current is not null)
        {
            _current.Failed(failure, now);
        }
        else if (!failure.IsRetriable && failure is not ConnectionException)
        {
            _isProbing = false;
            _isAway = true;
            _fault = failure;
        }
        else
        {
            _isProbing = false;
            _coordinator = null;
            _retryAt = now + _options.Backoff.Pause(++_failures);
        }
    }

    public void Cancelled()
    {
        if (_isProbing)
        {
            _isProbing = false;
        }
        else
        {
            _current?.Cancelled();
        }
    }

    public void CoordinatorFound(int brokerId)
    {
        _coordinator = brokerId;
        _current?.CoordinatorFound(brokerId);
    }

    public void TopicsDescribed(IReadOnlyDictionary<string, AssignableTopic> topics) => _current?.TopicsDescribed(topics);

    public void MetadataChanged(IReadOnlyDictionary<string, AssignableTopic> topics)
    {
        _known = topics;
        _current?.MetadataChanged(topics);
    }

    public void CommitRefused(ErrorCode error, GroupIdentity identity, TimeSpan now) => _current?.CommitRefused(error, identity, now);

    public void Subscribe(IReadOnlyList<string> topics)
    {
        _topics = topics;
        _current?.Subscribe(topics);
    }

    public Reconciliation? TakeReconciliation() => _current?.TakeReconciliation();

    public void Reconciled() => _current?.Reconciled();

    public string? TakeNote()
    {
        string? note = _note;
        _note = null;
        return note;
    }

    public RebalanceCause? TakeRebalance() => _current?.TakeRebalance();

    public KafkaException? TakeFault()
    {
        KafkaException? fault = _fault ?? _current?.TakeFault();
        _fault = null;
        return fault;
    }

    public void PollExceeded()
    {
        _isAway = true;
        _current?.PollExceeded();
    }

    public void Resume()
    {
        _isAway = false;
        _current?.Resume();
    }

    public void Close()
    {
        _isClosing = true;
        _current?.Close();
    }

    private bool CanProbe => _current is ClassicMembership && !_staysClassic && !_isChangingOver && !_isClosing && _coordinator is not null;

    private bool IsFencedForGood => _current is ClassicMembership { State: MembershipState.Fenced } or ConsumerMembership { State: ConsumerMembershipState.Fenced };

    /// <summary>A member of a classic group looks now and then, and whenever the group rebalances: others may just have changed over.</summary>
    private bool IsProbeDue(TimeSpan now)
    {
        bool isStable = _current is ClassicMembership { State: MembershipState.Stable };
        if (_wasStable && !isStable)
        {
            _probeAt = now;
        }

        _wasStable = isStable;
        return CanProbe && now >= _probeAt;
    }

    private GroupStep Choose(TimeSpan now)
    {
        if (_isClosing)
        {
            return new GroupStep.End();
        }

        if (_topics is null || _isAway)
        {
            return new GroupStep.Wait(null);
        }

        if (now < _retryAt)
        {
            return new GroupStep.Wait(_retryAt);
        }

        return _coordinator is null ? new GroupStep.FindCoordinator() : Probe(isAgain: false);
    }

    private GroupStep.Call Probe(bool isAgain)
    {
        _isProbing = true;
        return new GroupStep.Call(_coordinator!.Value, new ProtocolProbe(isAgain, TakeProbe));
    }

    private void TakeProbe(bool isServed, TimeSpan now)
    {
        _isProbing = false;
        _failures = 0;
        _probeAt = now + _probeInterval;
        if (_current is null)
        {
            Start(isServed);
        }
        else if (isServed)
        {
            _note = "the cluster serves the consumer group protocol by now; leaves as a classic member, to join by that";
            _isChangingOver = true;
            _current.Close();
        }
    }

    /// <summary>The membership by one protocol has ended in good order; the other goes on.</summary>
    private void ChangeOver(TimeSpan now)
    {
        _isChangingOver = false;
        _probeAt = now + _probeInterval;
        if (_current is ConsumerMembership { ProtocolRefusal: { } refusal })
        {
            // A group that may not change its protocol stays what it is; trying that again and again would only disturb it.
            _staysClassic |= refusal != ErrorCode.UnsupportedVersion;
            _note = $"joins by the classic protocol, since the consumer group protocol was refused ({refusal.Name()})";
            Start(isConsumer: false);
        }
        else
        {
            Start(isConsumer: true);
        }
    }

    private void Start(bool isConsumer)
    {
        _wasStable = false;
        if (!isConsumer && _options.RemoteTopicPattern is not null)
        {
            _fault = ConsumerErrors.Exception(_options.GroupId, ErrorCode.UnsupportedVersion, "RemoteTopicPattern needs brokers that serve the consumer group protocol");
            _current = null;
            _isAway = true;
            return;
        }

        _current = isConsumer ? _createConsumer(_options) : new ClassicMembership(_options);
        if (_coordinator is { } coordinator)
        {
            _current.CoordinatorFound(coordinator);
        }

        if (_known is not null)
        {
            _current.MetadataChanged(_known);
        }

        if (_topics is not null)
        {
            _current.Subscribe(_topics);
        }

        if (!_isAway)
        {
            _current.Resume();
        }
    }
}
