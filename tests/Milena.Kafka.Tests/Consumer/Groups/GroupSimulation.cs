using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Members of a group, its coordinator and all that may happen to them, in simulated time.</summary>
internal sealed class GroupSimulation : IDisposable
{
    private static readonly ErrorCode[] Codes = [.. Enum.GetValues<ErrorCode>().Where(e => e != ErrorCode.None)];

    private readonly SimulatedTime _time = new();
    private readonly List<SimulatedMember> _members = [];
    private readonly List<KafkaException> _faults = [];
    private readonly Dictionary<string, AssignableTopic> _topics = [];
    private readonly GroupProtocol _protocol;
    private readonly string? _assignors;
    private readonly Random _random;
    private int _lastName;

    /// <param name="protocol">How members join.</param>
    /// <param name="assignors">Range, cooperative-sticky, or mixed: some can keep partitions through a rebalance and others not. Null for the usual ones.</param>
    /// <param name="seed">What happens.</param>
    public GroupSimulation(GroupProtocol protocol, string? assignors, int seed)
    {
        _protocol = protocol;
        _assignors = assignors;
        _random = new Random(seed);
        Coordinator = new SimulatedCoordinator(_random, _time.Clock);
        AddTopic("t", 7);
        AddTopic("u", 2);
    }

    public SimulatedCoordinator Coordinator { get; }

    /// <summary>What users were told.</summary>
    public IReadOnlyList<KafkaException> Faults => _faults;

    public IReadOnlyList<SimulatedMember> Members => _members;

    /// <summary>What tells two runs apart: the next random number, and what was committed.</summary>
    public string Outcome => $"{_random.Next()} {string.Join(' ', Coordinator.Committed.Select(c => $"{c.Key}@{c.Value}"))}";

    /// <summary>Lets everything happen that can, then lets the group come to rest, and ends it.</summary>
    public void Storm()
    {
        AddMember(null);
        for (int i = 0; i < 80; i++)
        {
            _time.After(_random.Next(60_000), Disturb);
        }

        _time.After(0, Read);
        Pass(TimeSpan.FromSeconds(70));
        Calm();
        Pass(TimeSpan.FromSeconds(230));
        AssertSettled();
        CloseAll();
        Assert.That(Coordinator.Committed.Values.Sum(), Is.Positive, "nothing was ever committed");
    }

    public void Dispose() => Coordinator.Dispose();

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan span) => _time.Run(_time.Now + span, () =>
    {
        Coordinator.Poll();
        _members.RemoveAll(m => m.IsDead);
        AssertOneOwner();
    });

    public void AssertSettled()
    {
        string members = $"{string.Join(", ", _members)}; the group is {Coordinator}";
        Assert.That(_members.All(m => m.IsSettled), Is.True, $"not all are in the group: {members}");
        IEnumerable<TopicPartition> all = _topics.Values.SelectMany(t => Enumerable.Range(0, t.PartitionCount).Select(p => new TopicPartition(t.Name, p)));
        Assert.That(_members.SelectMany(m => m.Owned), Is.EquivalentTo(all), $"orphaned or owned twice: {members}");
        if (_protocol == GroupProtocol.Auto)
        {
            Assert.That(_members.Select(m => m.SpeaksNewProtocol), Is.All.EqualTo(Coordinator.IsNewProtocolServed), members);
        }
    }

    public void CloseAll()
    {
        _members.ToList().ForEach(m => m.Close());
        Pass(TimeSpan.FromSeconds(100));
        Assert.That(_members, Is.Empty, "a member has not ended");
    }

    public SimulatedMember AddMember(string? instanceId)
    {
        var options = new MembershipOptions
        {
            GroupId = "g",
            InstanceId = instanceId,
            SessionTimeout = SimulatedCoordinator.Session,
            HeartbeatInterval = TimeSpan.FromSeconds(1),
            RebalanceTimeout = TimeSpan.FromSeconds(8),
            Assignors = _assignors switch
            {
                "range" => [PartitionAssignors.Range],
                "mixed" when _random.Next(2) == 0 => [PartitionAssignors.CooperativeSticky, PartitionAssignors.Sticky],
                "mixed" or "cooperative-sticky" => [PartitionAssignors.CooperativeSticky],
                _ => [PartitionAssignors.Range, PartitionAssignors.CooperativeSticky],
            },
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
        core.MetadataChanged(Coordinator.Topics);
        var member = new SimulatedMember(core, instanceId, Coordinator, _time, _random) { Faulted = TakeFault };
        _members.Add(member);
        member.Tell(c => c.Resume());
        return member;
    }

    public void AddTopic(string name, int partitions)
    {
        Guid id = _topics.TryGetValue(name, out AssignableTopic? known) ? known.Id : SimulatedCoordinator.NewId(_random);
        _topics[name] = new AssignableTopic(name, partitions) { Id = id };
        Coordinator.SetTopics(_topics);
        foreach (SimulatedMember member in _members)
        {
            _time.After(_random.Next(2000), () => member.Tell(c => c.MetadataChanged(Coordinator.Topics)));
        }
    }

    private void Calm()
    {
        Coordinator.Plan = null;
        if (_members.TrueForAll(m => m.IsClosing))
        {
            AddMember(null);
        }

        foreach (SimulatedMember member in _members)
        {
            member.IsSlow = false;
            member.LosesNextAnswer = false;
            member.Tell(c => c.Resume());
        }

        if (_protocol != GroupProtocol.Consumer && _members.Exists(m => m.InstanceId is not null))
        {
            // KIP-814: a leader that comes back keeps the assignment, and cannot know how large the topics were when it was made. Java's does not see that either before they change again.
            AddTopic("t", _topics["t"].PartitionCount + 1);
        }
    }

    private void Disturb()
    {
        SimulatedMember? any = _members.Count == 0 ? null : _members[_random.Next(_members.Count)];
        switch (_random.Next(14))
        {
            case 0 or 1 when _members.Count < 6:
                AddMember(_random.Next(3) == 0 ? $"i{++_lastName}" : null);
                break;
            case 2 when any is not null:
                any.Close();
                break;
            case 3 when any is not null:
                Kill(any);
                break;
            case 4:
                Coordinator.Move();
                break;
            case 5:
                AddTopic("t", _topics["t"].PartitionCount + 1);
                break;
            case 6 when any is not null:
                any.Tell(c => c.PollExceeded());
                _time.After(_random.Next(5000), () => any.Tell(c => c.Resume()));
                break;
            case 7 or 8 when any is not null:
                any.LosesNextAnswer = true;
                break;
            case 9 when any is not null:
                any.IsSlow = true;
                _time.After(_random.Next(10_000), () => any.IsSlow = false);
                break;
            case 10 when _protocol == GroupProtocol.Auto && _random.Next(2) == 0:
                Coordinator.IsNewProtocolServed = !Coordinator.IsNewProtocolServed;
                break;
            case 11 when any is not null:
                // A commit was answered by a coordinator that has lost the member, or so it says.
                ErrorCode[] refusals = any.SpeaksNewProtocol
                    ? [ErrorCode.UnknownMemberId, ErrorCode.StaleMemberEpoch, ErrorCode.FencedMemberEpoch]
                    : [ErrorCode.UnknownMemberId, ErrorCode.IllegalGeneration, ErrorCode.RebalanceInProgress];
                any.Tell(c => c.CommitRefused(refusals[_random.Next(refusals.Length)], c.Identity, _time.Now));
                break;
            case 12:
                // What refuses a protocol is left to the coordinator, so that the one that is spoken in the end is known.
                ErrorCode code = Codes[_random.Next(Codes.Length)];
                Coordinator.Plan = code is ErrorCode.UnsupportedVersion or ErrorCode.GroupIdNotFound ? null : new PlannedError(_ => true, code, _random.Next(2) == 0);
                break;
            default:
                break;
        }
    }

    private void Kill(SimulatedMember member)
    {
        member.IsDead = true;
        _members.Remove(member);
        if (member.InstanceId is not null)
        {
            // Killed and started again.
            AddMember(member.InstanceId);
        }
    }

    /// <summary>Readers process records and commit now and then, for ever.</summary>
    private void Read()
    {
        foreach (SimulatedMember member in _members)
        {
            member.Read();
            if (_random.Next(5) == 0)
            {
                member.Commit();
            }
        }

        _time.After(100, Read);
    }

    /// <summary>The user reads on; if another has taken the name, the program is started again.</summary>
    private void TakeFault(SimulatedMember member, KafkaException fault)
    {
        _faults.Add(fault);
        _time.After(_random.Next(500), () =>
        {
            if (fault is not FencedInstanceException)
            {
                member.Tell(c => c.Resume());
            }
            else if (!member.IsDead)
            {
                member.IsDead = true;
                _members.Remove(member);
                AddMember(member.InstanceId);
            }
        });
    }

    private void AssertOneOwner()
    {
        // A member that the coordinator has given up may not know it yet; those that it counts on must not overlap.
        var owners = new Dictionary<TopicPartition, SimulatedMember>();
        foreach (SimulatedMember member in _members.Where(m => m.Core.CommitGate != CommitGate.Closed && Coordinator.CountsOn(m.Core.Identity)))
        {
            foreach (TopicPartition partition in member.Owned)
            {
                Assert.That(owners.TryAdd(partition, member), Is.True, () => $"at {_time.Now} {partition} belongs to {member} and {owners[partition]}");
            }
        }
    }
}
