using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>A membership in a simulation: does what its core says, as the session does with sockets, and has a position in each partition that it holds.</summary>
internal sealed class SimulatedMember(IGroupMembership core, string? instanceId, SimulatedCoordinator coordinator, SimulatedTime time, Random random)
{
    private readonly Dictionary<TopicPartition, long> _positions = [];
    private int _call;
    private bool _isCalling;
    private bool _isReconciling;

    public IGroupMembership Core => core;

    public string? InstanceId => instanceId;

    /// <summary>Ended, or killed.</summary>
    public bool IsDead { get; set; }

    /// <summary>Whether it was told to end, and may not have yet.</summary>
    public bool IsClosing { get; private set; }

    /// <summary>Whether its handlers take their time.</summary>
    public bool IsSlow { get; set; }

    public bool LosesNextAnswer { get; set; }

    /// <summary>Called when the user is told something.</summary>
    public required Action<SimulatedMember, KafkaException> Faulted { get; init; }

    public IReadOnlyCollection<TopicPartition> Owned => OwnedBy(core);

    /// <summary>Whether it is in the group and has nothing left to do.</summary>
    public bool IsSettled => Joined(core) && !_isReconciling;

    public bool SpeaksNewProtocol => Speaking is ConsumerMembership;

    /// <summary>The state of the protocol that is spoken.</summary>
    public string State => Speaking switch
    {
        ConsumerMembership consumer => consumer.State.ToString(),
        ClassicMembership classic => classic.State.ToString(),
        _ => "",
    };

    private IGroupMembership? Speaking => core is AutoMembership auto ? auto.Current : core;

    public override string ToString() => $"{(SpeaksNewProtocol ? "consumer" : "classic")} {core.Identity.MemberId}/{instanceId} {State} at {core.Identity.Generation} with {Owned.Count}";

    /// <summary>Tells the core something, and does what it wants then.</summary>
    public void Tell(Action<IGroupMembership> news)
    {
        news(core);
        Pump();
    }

    public void Close()
    {
        IsClosing = true;
        core.Close();
        if (_isCalling)
        {
            _call++;
            _isCalling = false;
            core.Cancelled();
        }

        Pump();
    }

    /// <summary>The reader finishes some records of each partition.</summary>
    public void Read()
    {
        foreach (TopicPartition partition in _positions.Keys.ToList())
        {
            _positions[partition] += random.Next(3);
        }
    }

    public void Commit() => Commit([.. _positions.Keys]);

    private void Commit(IReadOnlyCollection<TopicPartition> partitions)
    {
        if (core.CommitGate is not (CommitGate.Open or CommitGate.Closing))
        {
            return;
        }

        GroupIdentity identity = core.Identity;
        ErrorCode error = coordinator.Commit(identity, partitions.Where(_positions.ContainsKey).ToDictionary(p => p, p => _positions[p]));
        if (error != ErrorCode.None)
        {
            core.CommitRefused(error, identity, time.Now);
            time.After(0, Pump);
        }
    }

    private void Reconcile()
    {
        if (_isReconciling || IsDead || core.TakeReconciliation() is not { } change)
        {
            return;
        }

        _isReconciling = true;
        if (change.Kind == ReconciliationKind.Lose)
        {
            change.Partitions.ToList().ForEach(p => _positions.Remove(p));
        }

        time.After(IsSlow ? random.Next(12_000) : random.Next(300), () =>
        {
            if (change.Kind == ReconciliationKind.Assign)
            {
                change.Partitions.ToList().ForEach(p => _positions[p] = coordinator.Committed.GetValueOrDefault(p));
            }
            else if (change.Kind == ReconciliationKind.Revoke && !IsDead)
            {
                Commit(change.Partitions);
                change.Partitions.ToList().ForEach(p => _positions.Remove(p));
            }

            _isReconciling = false;
            core.Reconciled();
            Pump();
        });
    }

    private void Pump()
    {
        if (IsDead)
        {
            return;
        }

        // On another thread, sooner or later.
        time.After(random.Next(100), Reconcile);
        if (_isCalling)
        {
            return;
        }

        GroupStep step = core.Next(time.Now);
        switch (step)
        {
            case GroupStep.End:
                IsDead = true;
                return;
            case GroupStep.Wait { Until: { } until }:
                time.At(until, Pump);
                break;
            case GroupStep.FindCoordinator:
                Answer(Begin(), _ => core.CoordinatorFound(coordinator.BrokerId));
                break;
            case GroupStep.DescribeTopics:
                Answer(Begin(), _ => core.TopicsDescribed(coordinator.Topics));
                break;
            case GroupStep.FindTopics:
                time.After(random.Next(500), () => Tell(c => c.TopicsDescribed(coordinator.Topics)));
                time.After(0, Pump);
                break;
            case GroupStep.Call call:
                Send(call);
                break;
            default:
                break;
        }

        TellUser();
    }

    private int Begin()
    {
        _isCalling = true;
        return ++_call;
    }

    private void Send(GroupStep.Call call)
    {
        int number = Begin();
        bool isLost = LosesNextAnswer;
        bool doesArrive = !isLost || random.Next(2) == 0;
        LosesNextAnswer = false;
        Action<TimeSpan> fail = now => core.Failed(new ConnectionException("b", "lost"), now);
        time.After(random.Next(50), () =>
        {
            if (doesArrive)
            {
                coordinator.Serve(call, take => Answer(number, isLost ? fail : take));
            }
            else
            {
                Answer(number, fail);
            }
        });
    }

    private void Answer(int number, Action<TimeSpan> take) => time.After(random.Next(50), () =>
    {
        // An answer to a call that was given up is dropped with its connection.
        if (_call == number && _isCalling && !IsDead)
        {
            _isCalling = false;
            take(time.Now);
            TellUser();
            Pump();
        }
    });

    private void TellUser()
    {
        if (core.TakeFault() is { } fault)
        {
            Faulted(this, fault);
        }
    }

    private static bool Joined(IGroupMembership core) => core switch
    {
        AutoMembership auto => auto.Current is { } current && Joined(current),
        ConsumerMembership consumer => consumer.State == ConsumerMembershipState.Member,
        ClassicMembership classic => classic.State == MembershipState.Stable,
        _ => false,
    };

    private static IReadOnlyCollection<TopicPartition> OwnedBy(IGroupMembership core) => core switch
    {
        AutoMembership auto => auto.Current is { } current ? OwnedBy(current) : [],
        ConsumerMembership consumer => consumer.Owned,
        ClassicMembership classic => classic.Owned,
        _ => [],
    };
}
