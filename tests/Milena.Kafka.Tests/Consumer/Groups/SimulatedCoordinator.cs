using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.State;
using Milena.Kafka.Tests.Support;
using ClientIdentity = Milena.Kafka.Testing.Groups.ClientIdentity;
using ConsumerGroupSettings = Milena.Kafka.Testing.Groups.Consumer.ConsumerGroupSettings;
using HeartbeatCall = Milena.Kafka.Testing.Groups.Consumer.HeartbeatCall;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>The group of the embedded cluster, of either protocol, without sockets or threads, in simulated time: answers come by callback when their time has come.</summary>
internal sealed class SimulatedCoordinator : IDisposable
{
    public static readonly TimeSpan Session = TimeSpan.FromSeconds(10);

    private readonly List<Func<bool>> _waiting = [];
    private readonly Group _group;
    private TopicCatalog _topics = TopicCatalog.Empty;

    public SimulatedCoordinator(Random random) => _group = new Group(
        "g",
        new GroupSettings(
            new ClassicGroupSettings(Time, TimeSpan.Zero, int.MaxValue, () => NewId(random)),
            new ConsumerGroupSettings(Session, TimeSpan.FromSeconds(1), int.MaxValue),
            GroupMigrationPolicy.Bidirectional),
        () => _topics);

    public ManualTimeProvider Time { get; } = new();

    /// <summary>The broker that serves the group now.</summary>
    public int BrokerId { get; private set; } = 1;

    /// <summary>Whether the protocol of KIP-848 is served.</summary>
    public bool IsNewProtocolServed { get; set; } = true;


    public Dictionary<TopicPartition, long> Committed { get; } = [];

    /// <summary>Whether the group believes that such a member owns what it was given.</summary>
    public bool CountsOn(GroupIdentity identity) => Check(identity) is ErrorCode.None or ErrorCode.StaleMemberEpoch or ErrorCode.RebalanceInProgress;

    public override string ToString()
    {
        string members = string.Join("; ", _group.DescribeConsumer()?.Members.Select(m =>
            $"{m.MemberId}/{m.InstanceId} type {m.MemberType} epoch {m.MemberEpoch} has {m.Assignment.TopicPartitions.Sum(t => t.Partitions.Count)} of {m.TargetAssignment.TopicPartitions.Sum(t => t.Partitions.Count)}") ?? []);
        return $"{_group.Summary()} {members}";
    }

    public void SetTopics(IEnumerable<AssignableTopic> topics) => _topics = new TopicCatalog(topics.Select(t => new CatalogTopic(t.Name, t.Id, t.PartitionCount)));

    public void Move()
    {
        BrokerId++;
        _group.Recover();
    }

    /// <summary>Looks which answers have come.</summary>
    public void Poll() => _waiting.RemoveAll(isDone => isDone());

    /// <summary>Carries out a call, at the time of which it arrives.</summary>
    public void Serve(GroupStep.Call call, Action<Action<TimeSpan>> reply)
    {
        bool isWrong = call.BrokerId != BrokerId;
        switch (call.Request)
        {
            case ProtocolProbe probe:
                bool isServed = IsNewProtocolServed;
                reply(now => probe.Take(isServed, now));
                break;
            case GroupCall<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> heartbeat:
                ConsumerGroupHeartbeatResponse told = isWrong ? new() { ErrorCode = ErrorCode.NotCoordinator } : Heartbeat(heartbeat.Create(1));
                reply(now => heartbeat.Take(told, now));
                break;
            case GroupCall<JoinGroupRequest, JoinGroupResponse> join:
                Await(isWrong ? Task.FromResult(new JoinGroupResponse { ErrorCode = ErrorCode.NotCoordinator }) : _group.JoinAsync(new JoinCall(join.Create(9), 9, "c", "/h")), join.Take, reply);
                break;
            case GroupCall<SyncGroupRequest, SyncGroupResponse> sync:
                Await(isWrong ? Task.FromResult(new SyncGroupResponse { ErrorCode = ErrorCode.NotCoordinator }) : _group.SyncAsync(sync.Create(5)), sync.Take, reply);
                break;
            case GroupCall<HeartbeatRequest, HeartbeatResponse> beat:
                ErrorCode error = isWrong ? ErrorCode.NotCoordinator : _group.Heartbeat(beat.Create(4));
                reply(now => beat.Take(new HeartbeatResponse { ErrorCode = error }, now));
                break;
            case GroupCall<LeaveGroupRequest, LeaveGroupResponse> leave:
                LeaveGroupRequest.MemberIdentity member = leave.Create(5).Members[0];
                ErrorCode left = isWrong ? ErrorCode.NotCoordinator : _group.Leave(member.MemberId, member.GroupInstanceId);
                reply(now => leave.Take(new LeaveGroupResponse { ErrorCode = isWrong ? left : ErrorCode.None }, now));
                break;
            default:
                throw new InvalidOperationException("An unknown call.");
        }
    }

    /// <summary>Commits the positions of some partitions.</summary>
    public ErrorCode Commit(GroupIdentity identity, IReadOnlyDictionary<TopicPartition, long> positions)
    {
        ErrorCode error = Check(identity);
        if (error == ErrorCode.None)
        {
            foreach ((TopicPartition partition, long position) in positions)
            {
                Assert.That(position, Is.GreaterThanOrEqualTo(Committed.GetValueOrDefault(partition)), $"{partition} goes back");
                Committed[partition] = position;
            }
        }

        return error;
    }

    public void Dispose() => _group.Dispose();

    public static Guid NewId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private ErrorCode Check(GroupIdentity identity)
    {
        const short version = 9;
        var request = new OffsetCommitRequest { GroupId = "g", MemberId = identity.MemberId, GenerationIdOrMemberEpoch = identity.Generation, GroupInstanceId = identity.InstanceId };
        return _group.CheckCommit(request, version);
    }

    private ConsumerGroupHeartbeatResponse Heartbeat(ConsumerGroupHeartbeatRequest request)
    {
        if (!IsNewProtocolServed)
        {
            return new ConsumerGroupHeartbeatResponse { ErrorCode = ErrorCode.UnsupportedVersion };
        }

        try
        {
            return _group.ConsumerHeartbeat(new HeartbeatCall(request, 1, new ClientIdentity("c", "/h")));
        }
        catch (GroupRefusalException refusal)
        {
            Assert.That(refusal.Code, Is.Not.EqualTo(ErrorCode.InvalidRequest), refusal.Message);
            return new ConsumerGroupHeartbeatResponse { ErrorCode = refusal.Code, ErrorMessage = refusal.Message };
        }
    }

    private void Await<T>(Task<T> answer, Action<T, TimeSpan> take, Action<Action<TimeSpan>> reply)
    {
        _waiting.Add(() =>
        {
            if (answer.IsCompleted)
            {
                reply(now => take(answer.GetAwaiter().GetResult(), now));
            }

            return answer.IsCompleted;
        });
        Poll();
    }
}
