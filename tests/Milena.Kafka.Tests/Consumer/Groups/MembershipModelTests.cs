using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Many members on a model of the coordinator, through all that may happen to them, in simulated time.</summary>
public class MembershipModelTests
{
    [Test]
    public void Whatever_happens_no_partition_has_two_owners_and_none_stays_without([Values("range", "cooperative-sticky", "mixed")] string assignor, [Range(1, 60)] int seed) =>
        new World(assignor, seed).Run();

    /// <summary>One simulation.</summary>
    private sealed class World
    {
        private static readonly TimeSpan Session = TimeSpan.FromSeconds(10);
        private readonly PriorityQueue<Action, (TimeSpan At, int Order)> _events = new();
        private readonly List<Member> _members = [];
        private readonly Dictionary<string, AssignableTopic> _topics = new() { ["t"] = new AssignableTopic("t", 7), ["u"] = new AssignableTopic("u", 2) };
        private readonly ModelCoordinator _coordinator;
        private readonly string _assignor;
        private readonly Random _random;
        private TimeSpan _now;
        private int _order;
        private bool _isCalm;

        public World(string assignor, int seed)
        {
            _assignor = assignor;
            _random = new Random(seed);
            _coordinator = new ModelCoordinator(() => _now);
        }

        public void Run()
        {
            AddMember();
            Beat();
            for (int i = 0; i < 60; i++)
            {
                After(_random.Next(40_000), Disturb);
            }

            Drain(TimeSpan.FromSeconds(45));
            _isCalm = true;
            if (_members.Count == 0)
            {
                AddMember();
            }

            foreach (Member member in _members)
            {
                member.Core.Resume();
                Pump(member);
            }

            Drain(TimeSpan.FromSeconds(200));
            Assert.That(_members.Select(m => m.Core.State), Is.All.EqualTo(MembershipState.Stable));
            IEnumerable<TopicPartition> all = _topics.Values.SelectMany(t => Enumerable.Range(0, t.PartitionCount).Select(p => new TopicPartition(t.Name, p)));
            Assert.That(_members.SelectMany(m => m.Core.Owned), Is.EquivalentTo(all), "orphaned or owned twice");

            foreach (Member member in _members.ToList())
            {
                Close(member);
            }

            Drain(TimeSpan.FromSeconds(300));
            Assert.That(_members, Is.Empty, "a member has not ended");
        }

        /// <summary>Time passes for the coordinator also while nobody asks it anything.</summary>
        private void Beat() => After(250, Beat);

        private void AddMember()
        {
            var core = new ClassicMembership(new MembershipOptions
            {
                GroupId = "g",
                SessionTimeout = Session,
                HeartbeatInterval = TimeSpan.FromSeconds(1),
                RebalanceTimeout = TimeSpan.FromSeconds(8),
                Assignors = _assignor switch
                {
                    "range" => [PartitionAssignors.Range],
                    "mixed" => [PartitionAssignors.CooperativeSticky, PartitionAssignors.Sticky],
                    _ => [PartitionAssignors.CooperativeSticky],
                },
                Backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), _random),
            });
            core.Subscribe(["t", "u"]);
            core.Resume();
            var member = new Member(core);
            _members.Add(member);
            Pump(member);
        }

        private void Disturb()
        {
            Member? any = _members.Count == 0 ? null : _members[_random.Next(_members.Count)];
            switch (_random.Next(9))
            {
                case 0 or 1 when _members.Count < 6:
                    AddMember();
                    break;
                case 2 when any is not null:
                    Close(any);
                    break;
                case 3 when any is not null:
                    any.IsDead = true;
                    _members.Remove(any);
                    break;
                case 4:
                    _coordinator.BrokerId++;
                    break;
                case 5:
                    _topics["t"] = new AssignableTopic("t", _topics["t"].PartitionCount + 1);
                    _members.ForEach(m => m.Core.MetadataChanged(_topics));
                    _members.ForEach(Pump);
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
                case 7 when any is not null:
                    any.LosesNextAnswer = true;
                    break;
                case 8 when any is not null:
                    any.IsSlow = true;
                    After(_random.Next(10_000), () => any.IsSlow = false);
                    break;
                default:
                    break;
            }
        }

        private void Close(Member member)
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

        private void Pump(Member member)
        {
            if (member.IsDead)
            {
                return;
            }

            if (!member.IsReconciling && member.Core.TakeReconciliation() is not null)
            {
                member.IsReconciling = true;
                After(member.IsSlow ? _random.Next(12_000) : _random.Next(300), () =>
                {
                    member.IsReconciling = false;
                    member.Core.Reconciled();
                    Pump(member);
                });
            }

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
                    Answer(member, Begin(member), () => member.Core.CoordinatorFound(_coordinator.BrokerId));
                    break;
                case GroupStep.DescribeTopics:
                    Answer(member, Begin(member), () => member.Core.TopicsDescribed(new Dictionary<string, AssignableTopic>(_topics)));
                    break;
                case GroupStep.Call call:
                    Send(member, call);
                    break;
                default:
                    break;
            }

            // What Next decided may be a change of ownership.
            if (!member.IsReconciling && !member.IsDead)
            {
                After(0, () => PumpReconciliation(member));
            }
        }

        private void PumpReconciliation(Member member)
        {
            if (!member.IsReconciling && !member.IsDead && member.Core.TakeReconciliation() is not null)
            {
                member.IsReconciling = true;
                After(_random.Next(300), () =>
                {
                    member.IsReconciling = false;
                    member.Core.Reconciled();
                    Pump(member);
                });
            }
        }

        private static int Begin(Member member)
        {
            member.IsCalling = true;
            return ++member.Call;
        }

        private void Send(Member member, GroupStep.Call call)
        {
            int number = Begin(member);
            bool isLost = member.LosesNextAnswer && !_isCalm;
            member.LosesNextAnswer = false;
            void Reply(Action take) => Answer(member, number, isLost ? () => member.Core.Failed(new ConnectionException("b", "lost"), _now) : take);
            After(_random.Next(50), () =>
            {
                bool isWrong = call.BrokerId != _coordinator.BrokerId;
                switch (call.Request)
                {
                    case GroupCall<JoinGroupRequest, JoinGroupResponse> join when isWrong:
                        Reply(() => join.Take(new JoinGroupResponse { ErrorCode = ErrorCode.NotCoordinator }, _now));
                        break;
                    case GroupCall<JoinGroupRequest, JoinGroupResponse> join:
                        _coordinator.Join(join.Create(9), answer => Reply(() => join.Take(answer, _now)));
                        break;
                    case GroupCall<SyncGroupRequest, SyncGroupResponse> sync when isWrong:
                        Reply(() => sync.Take(new SyncGroupResponse { ErrorCode = ErrorCode.NotCoordinator }, _now));
                        break;
                    case GroupCall<SyncGroupRequest, SyncGroupResponse> sync:
                        _coordinator.Sync(sync.Create(5), answer => Reply(() => sync.Take(answer, _now)));
                        break;
                    case GroupCall<HeartbeatRequest, HeartbeatResponse> heartbeat:
                        ErrorCode error = isWrong ? ErrorCode.NotCoordinator : _coordinator.Heartbeat(heartbeat.Create(4));
                        Reply(() => heartbeat.Take(new HeartbeatResponse { ErrorCode = error }, _now));
                        break;
                    case GroupCall<LeaveGroupRequest, LeaveGroupResponse> leave:
                        if (!isWrong)
                        {
                            _coordinator.Leave(leave.Create(5).Members[0].MemberId);
                        }

                        Reply(() => leave.Take(new LeaveGroupResponse { ErrorCode = isWrong ? ErrorCode.NotCoordinator : ErrorCode.None }, _now));
                        break;
                    default:
                        throw new InvalidOperationException("An unknown call.");
                }
            });
        }

        private void Answer(Member member, int number, Action take) => After(_random.Next(50), () =>
        {
            // An answer to a call that was given up is dropped with its connection.
            if (member.Call == number && member.IsCalling && !member.IsDead)
            {
                member.IsCalling = false;
                take();
                Pump(member);
            }
        });

        private void After(int milliseconds, Action action) => Schedule(_now + TimeSpan.FromMilliseconds(milliseconds), action);

        private void Schedule(TimeSpan at, Action action) => _events.Enqueue(action, (at, _order++));

        private void Drain(TimeSpan until)
        {
            int steps = 0;
            while (_events.TryPeek(out Action? action, out (TimeSpan At, int Order) when) && when.At <= until)
            {
                _events.Dequeue();
                _now = when.At > _now ? when.At : _now;
                _coordinator.Tick();
                action();
                AssertOneOwner();
                Assert.That(++steps, Is.LessThan(200_000), "the members turn in circles");
            }

            _now = until;
        }

        private void AssertOneOwner()
        {
            // A member that the coordinator has given up may not know it yet; those that it counts on must not overlap.
            List<TopicPartition> owned = [.. _members.Where(m => _coordinator.Members.ContainsKey(m.Core.Identity.MemberId)).SelectMany(m => m.Core.Owned)];
            Assert.That(owned.Distinct().Count(), Is.EqualTo(owned.Count), "a partition has two owners");
        }

        private sealed class Member(ClassicMembership core)
        {
            public ClassicMembership Core { get; } = core;

            public bool IsCalling { get; set; }

            public int Call { get; set; }

            public bool IsReconciling { get; set; }

            public bool IsDead { get; set; }

            public bool IsSlow { get; set; }

            public bool LosesNextAnswer { get; set; }
        }
    }
}
