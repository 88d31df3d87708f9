using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Members of a group, its coordinator and all that may happen to them, in simulated time.</summary>
internal sealed class GroupSimulation : IDisposable
{
    private readonly PriorityQueue<Action, (TimeSpan At, int Order)> _events = new();
    private readonly List<SimulatedMember> _members = [];
    private readonly Dictionary<string, AssignableTopic> _topics = [];
    private readonly SimulatedCoordinator _coordinator;
    private readonly GroupProtocol _protocol;
    private readonly Random _random;
    private TimeSpan _now;
    private int _order;
    private int _lastName;
    private bool _isCalm;

    public GroupSimulation(GroupProtocol protocol, int seed)
    {
        _protocol = protocol;
        _random = new Random(seed);
        _coordinator = new SimulatedCoordinator(_random);
        AddTopic("t", 7);
        AddTopic("u", 2);
    }

    public void Run()
    {
        AddMember(null);
        for (int i = 0; i < 80; i++)
        {
            After(_random.Next(60_000), Disturb);
        }

        After(0, Read);
        Drain(TimeSpan.FromSeconds(70));
        Calm();
        Drain(TimeSpan.FromSeconds(300));
        AssertSettled();
        foreach (SimulatedMember member in _members.ToList())
        {
            Close(member);
        }

        Drain(TimeSpan.FromSeconds(400));
        Assert.That(_members, Is.Empty, "a member has not ended");
        Assert.That(_coordinator.Committed.Values.Sum(), Is.Positive, "nothing was ever committed");
    }

    public void Dispose() => _coordinator.Dispose();

    private void Calm()
    {
        _isCalm = true;
        if (_members.Count == 0)
        {
            AddMember(null);
        }

        foreach (SimulatedMember member in _members)
        {
            member.IsSlow = false;
            member.Core.Resume();
            Pump(member);
        }
    }

    private void AssertSettled()
    {
        string members = $"{string.Join(", ", _members)}; the group is {_coordinator}";
        Assert.That(_members.All(m => m.IsSettled), Is.True, $"not all are in the group: {members}");
        IEnumerable<TopicPartition> all = _topics.Values.SelectMany(t => Enumerable.Range(0, t.PartitionCount).Select(p => new TopicPartition(t.Name, p)));
        Assert.That(_members.SelectMany(m => m.Owned), Is.EquivalentTo(all), $"orphaned or owned twice: {members}");
        if (_protocol == GroupProtocol.Auto)
        {
            Assert.That(_members.Select(m => m.SpeaksNewProtocol), Is.All.EqualTo(_coordinator.IsNewProtocolServed), members);
        }
    }

    private void AddTopic(string name, int partitions)
    {
        Guid id = _topics.TryGetValue(name, out AssignableTopic? known) ? known.Id : SimulatedCoordinator.NewId(_random);
        _topics[name] = new AssignableTopic(name, partitions) { Id = id };
        _coordinator.SetTopics(_topics.Values);
        foreach (SimulatedMember member in _members)
        {
            After(_random.Next(2000), () =>
            {
                member.Core.MetadataChanged(new Dictionary<string, AssignableTopic>(_topics));
                Pump(member);
            });
        }
    }

    private void AddMember(string? instanceId)
    {
        var options = new MembershipOptions
        {
            GroupId = "g",
            InstanceId = instanceId,
            SessionTimeout = SimulatedCoordinator.Session,
            HeartbeatInterval = TimeSpan.FromSeconds(1),
            RebalanceTimeout = TimeSpan.FromSeconds(8),
            Assignors = [PartitionAssignors.Range, PartitionAssignors.CooperativeSticky],
            Backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), _random),
        };
        ConsumerMembership Create(MembershipOptions how) => new(how, MemberId.Create(_random));
        IGroupMembership core = _protocol switch
        {
            GroupProtocol.Auto => new AutoMembership(options, Create, TimeSpan.FromSeconds(20)),
            GroupProtocol.Consumer => Create(options),
            _ => new ClassicMembership(options),
        };
        core.Subscribe(["t", "u"]);
        core.Resume();
        var member = new SimulatedMember(core, instanceId);
        _members.Add(member);
        Pump(member);
    }

    private void Disturb()
    {
        SimulatedMember? any = _members.Count == 0 ? null : _members[_random.Next(_members.Count)];
        switch (_random.Next(13))
        {
            case 0 or 1 when _members.Count < 6:
                AddMember(_random.Next(3) == 0 ? $"i{++_lastName}" : null);
                break;
            case 2 when any is not null:
                Close(any);
                break;
            case 3 when any is not null:
                any.IsDead = true;
                _members.Remove(any);
                if (any.InstanceId is not null)
                {
                    // Killed and started again.
                    AddMember(any.InstanceId);
                }

                break;
            case 4:
                _coordinator.Move();
                break;
            case 5:
                AddTopic("t", _topics["t"].PartitionCount + 1);
                break;
            case 6 when any is not null:
                any.Core.PollExceeded();
                Pump(any);
                After(_random.Next(5000), () =>
                {
                    any.Core.Resume();
                    Pump(any);
                });
                break;
            case 7 or 8 when any is not null:
                any.LosesNextAnswer = true;
                break;
            case 9 when any is not null:
                any.IsSlow = true;
                After(_random.Next(10_000), () => any.IsSlow = false);
                break;
            case 10 when _protocol == GroupProtocol.Auto && _random.Next(2) == 0:
                _coordinator.IsNewProtocolServed = !_coordinator.IsNewProtocolServed;
                break;
            case 11 when any is not null:
                // A commit was answered by a coordinator that has lost the member, or so it says.
                ErrorCode[] refusals = any.SpeaksNewProtocol
                    ? [ErrorCode.UnknownMemberId, ErrorCode.StaleMemberEpoch, ErrorCode.FencedMemberEpoch]
                    : [ErrorCode.UnknownMemberId, ErrorCode.IllegalGeneration, ErrorCode.RebalanceInProgress];
                any.Core.CommitRefused(refusals[_random.Next(refusals.Length)], any.Core.Identity, _now);
                Pump(any);
                break;
            default:
                break;
        }
    }

    private void Close(SimulatedMember member)
    {
        member.Core.Close();
        if (member.IsCalling)
        {
            member.Call++;
            member.IsCalling = false;
            member.Core.Cancelled();
        }

        Pump(member);
    }

    /// <summary>Readers process records and commit now and then, for ever.</summary>
    private void Read()
    {
        foreach (SimulatedMember member in _members)
        {
            foreach (TopicPartition partition in member.Positions.Keys.ToList())
            {
                member.Positions[partition] += _random.Next(3);
            }

            if (_random.Next(5) == 0)
            {
                Commit(member, [.. member.Positions.Keys]);
            }
        }

        After(100, Read);
    }

    private void Commit(SimulatedMember member, IReadOnlyCollection<TopicPartition> partitions)
    {
        if (member.Core.CommitGate is not (CommitGate.Open or CommitGate.Closing))
        {
            return;
        }

        GroupIdentity identity = member.Core.Identity;
        ErrorCode error = _coordinator.Commit(identity, partitions.Where(member.Positions.ContainsKey).ToDictionary(p => p, p => member.Positions[p]));
        if (error != ErrorCode.None)
        {
            member.Core.CommitRefused(error, identity, _now);
            After(0, () => Pump(member));
        }
    }

    private void Reconcile(SimulatedMember member)
    {
        if (member.IsReconciling || member.IsDead || member.Core.TakeReconciliation() is not { } change)
        {
            return;
        }

        member.IsReconciling = true;
        if (change.Kind == ReconciliationKind.Lose)
        {
            change.Partitions.ToList().ForEach(p => member.Positions.Remove(p));
        }

        After(member.IsSlow ? _random.Next(12_000) : _random.Next(300), () =>
        {
            if (change.Kind == ReconciliationKind.Assign)
            {
                change.Partitions.ToList().ForEach(p => member.Positions[p] = _coordinator.Committed.GetValueOrDefault(p));
            }
            else if (change.Kind == ReconciliationKind.Revoke && !member.IsDead)
            {
                Commit(member, change.Partitions);
                change.Partitions.ToList().ForEach(p => member.Positions.Remove(p));
            }

            member.IsReconciling = false;
            member.Core.Reconciled();
            Pump(member);
        });
    }

    private void Pump(SimulatedMember member)
    {
        if (member.IsDead)
        {
            return;
        }

        Reconcile(member);
        if (member.IsCalling)
        {
            return;
        }

        switch (member.Core.Next(_now))
        {
            case GroupStep.End:
                member.IsDead = true;
                _members.Remove(member);
                return;
            case GroupStep.Wait { Until: { } until }:
                Schedule(until, () => Pump(member));
                break;
            case GroupStep.FindCoordinator:
                Answer(member, Begin(member), _ => member.Core.CoordinatorFound(_coordinator.BrokerId));
                break;
            case GroupStep.DescribeTopics:
                Answer(member, Begin(member), _ => member.Core.TopicsDescribed(new Dictionary<string, AssignableTopic>(_topics)));
                break;
            case GroupStep.FindTopics:
                After(_random.Next(500), () =>
                {
                    member.Core.TopicsDescribed(new Dictionary<string, AssignableTopic>(_topics));
                    Pump(member);
                });
                After(0, () => Pump(member));
                break;
            case GroupStep.Call call:
                Send(member, call);
                break;
            default:
                break;
        }

        // What Next decided may be a change of ownership.
        After(0, () => Reconcile(member));
    }

    private static int Begin(SimulatedMember member)
    {
        member.IsCalling = true;
        return ++member.Call;
    }

    private void Send(SimulatedMember member, GroupStep.Call call)
    {
        int number = Begin(member);
        bool isLost = member.LosesNextAnswer && !_isCalm;
        bool doesArrive = !isLost || _random.Next(2) == 0;
        member.LosesNextAnswer = false;
        After(_random.Next(50), () =>
        {
            if (doesArrive)
            {
                _coordinator.Serve(call, take => Answer(member, number, isLost ? now => member.Core.Failed(new ConnectionException("b", "lost"), now) : take));
            }
            else
            {
                Answer(member, number, now => member.Core.Failed(new ConnectionException("b", "lost"), now));
            }
        });
    }

    private void Answer(SimulatedMember member, int number, Action<TimeSpan> take) => After(_random.Next(50), () =>
    {
        // An answer to a call that was given up is dropped with its connection.
        if (member.Call == number && member.IsCalling && !member.IsDead)
        {
            member.IsCalling = false;
            take(_now);
            RestartIfFenced(member);
            Pump(member);
        }
    });

    /// <summary>A coordinator of the classic protocol that has moved may only remember the id that a static member had before; then its program is started again.</summary>
    private void RestartIfFenced(SimulatedMember member)
    {
        if (member.Core.TakeFault() is { } fault)
        {
            Assert.That(fault, Is.InstanceOf<FencedInstanceException>());
            Assert.That(member.SpeaksNewProtocol, Is.False, fault.Message);
            member.IsDead = true;
            _members.Remove(member);
            AddMember(member.InstanceId);
        }
    }

    private void After(int milliseconds, Action action) => Schedule(_now + TimeSpan.FromMilliseconds(milliseconds), action);

    private void Schedule(TimeSpan at, Action action) => _events.Enqueue(action, (at, _order++));

    private void Drain(TimeSpan until)
    {
        int steps = 0;
        while (_events.TryPeek(out Action? action, out (TimeSpan At, int Order) when) && when.At <= until)
        {
            _events.Dequeue();
            if (when.At > _now)
            {
                _coordinator.Time.Advance(when.At - _now);
                _now = when.At;
            }

            action();
            _coordinator.Poll();
            AssertOneOwner();
            Assert.That(++steps, Is.LessThan(400_000), "the members turn in circles");
        }

        _now = until;
    }

    private void AssertOneOwner()
    {
        // A member that the coordinator has given up may not know it yet; those that it counts on must not overlap.
        var owners = new Dictionary<TopicPartition, SimulatedMember>();
        foreach (SimulatedMember member in _members.Where(m => m.Core.CommitGate != CommitGate.Closed && _coordinator.CountsOn(m.Core.Identity)))
        {
            foreach (TopicPartition partition in member.Owned)
            {
                Assert.That(owners.TryAdd(partition, member), Is.True, () => $"at {_now} {partition} belongs to {member} and {owners[partition]}");
            }
        }
    }
}
