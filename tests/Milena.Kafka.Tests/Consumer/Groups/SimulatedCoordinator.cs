using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.State;
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
    private TopicCatalog _catalog = TopicCatalog.Empty;

    public SimulatedCoordinator(Random random, TimeProvider time) => _group = new Group(
        "g",
        new GroupSettings(
            new ClassicGroupSettings(time, TimeSpan.Zero, int.MaxValue, () => NewId(random)),
            new ConsumerGroupSettings(Session, TimeSpan.FromSeconds(1), int.MaxValue),
            GroupMigrationPolicy.Bidirectional),
        () => _catalog);

    /// <summary>The broker that serves the group now.</summary>
    public int BrokerId { get; private set; } = 1;

    /// <summary>Whether the protocol of KIP-848 is served.</summary>
    public bool IsNewProtocolServed { get; set; } = true;

    /// <summary>The error that is to come next; null for none.</summary>
    public PlannedError? Plan { get; set; }

    public IReadOnlyDictionary<string, AssignableTopic> Topics { get; private set; } = new Dictionary<string, AssignableTopic>();

    public Dictionary<TopicPartition, long> Committed { get; } = [];

    /// <summary>Whether the group believes that such a member owns what it was given.</summary>
    /// <remarks>A static member that comes late to a rebalance is kept, but not waited for (KIP-345): only a classic member without a name still owns what it had in the generation before.</remarks>
    public bool CountsOn(GroupIdentity identity) => Check(identity) switch
    {
        ErrorCode.None or ErrorCode.StaleMemberEpoch or ErrorCode.RebalanceInProgress => true,
        ErrorCode.IllegalGeneration => identity.InstanceId is null,
        _ => false,
    };

    public override string ToString()
    {
        string members = string.Join("; ", _group.DescribeConsumer()?.Members.Select(m =>
            $"{m.MemberId}/{m.InstanceId} type {m.MemberType} epoch {m.MemberEpoch} has {m.Assignment.TopicPartitions.Sum(t => t.Partitions.Count)} of {m.TargetAssignment.TopicPartitions.Sum(t => t.Partitions.Count)}") ?? []);
        return $"{_group.Summary()} {members}";
    }

    public void SetTopics(IReadOnlyDictionary<string, AssignableTopic> topics)
    {
        Topics = new Dictionary<string, AssignableTopic>(topics);
        _catalog = new TopicCatalog(topics.Values.Select(t => new CatalogTopic(t.Name, t.Id, t.PartitionCount)));
    }

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
                Serve(heartbeat, 1, isWrong, r => Task.FromResult(Heartbeat(r)), e => new() { ErrorCode = e }, reply);
                break;
            case GroupCall<JoinGroupRequest, JoinGroupResponse> join:
                Serve(join, 9, isWrong, r => _group.JoinAsync(new JoinCall(r, 9, "c", "/h")), e => new() { ErrorCode = e }, reply);
                break;
            case GroupCall<SyncGroupRequest, SyncGroupResponse> sync:
                Serve(sync, 5, isWrong, _group.SyncAsync, e => new() { ErrorCode = e }, reply);
                break;
            case GroupCall<HeartbeatRequest, HeartbeatResponse> beat:
                Serve(beat, 4, isWrong, r => Task.FromResult(new HeartbeatResponse { ErrorCode = _group.Heartbeat(r) }), e => new() { ErrorCode = e }, reply);
                break;
            case GroupCall<LeaveGroupRequest, LeaveGroupResponse> leave:
                Serve(leave, 5, isWrong, Leave, e => new() { ErrorCode = e }, reply);
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

    private void Serve<TRequest, TResponse>(
        GroupCall<TRequest, TResponse> call, short version, bool isWrong, Func<TRequest, Task<TResponse>> handle, Func<ErrorCode, TResponse> refuse, Action<Action<TimeSpan>> reply)
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        TRequest request = call.Create(version);
        PlannedError? plan = !isWrong && Plan?.Hits(request) == true ? Plan : null;
        Plan = plan is null ? Plan : null;
        Task<TResponse> answer = isWrong ? Task.FromResult(refuse(ErrorCode.NotCoordinator)) : plan is { IsHandled: false } ? Task.FromResult(refuse(plan.Code)) : handle(request);
        _waiting.Add(() =>
        {
            if (answer.IsCompleted)
            {
                TResponse given = plan is null ? answer.GetAwaiter().GetResult() : refuse(plan.Code);
                reply(now => call.Take(given, now));
            }

            return answer.IsCompleted;
        });
        Poll();
    }

    private Task<LeaveGroupResponse> Leave(LeaveGroupRequest request)
    {
        LeaveGroupRequest.MemberIdentity member = request.Members[0];
        _group.Leave(member.MemberId, member.GroupInstanceId);
        return Task.FromResult(new LeaveGroupResponse());
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
}
