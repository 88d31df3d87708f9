using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Groups.GroupState;

namespace Milena.Kafka.Testing.Groups;

/// <summary>One group of the classic protocol: members, generations and the barriers between them. Thread-safe; its own lock guards all of it.</summary>
internal sealed partial class ClassicGroup : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _initialRebalanceDelay;
    private readonly Func<Guid> _newId;
    private readonly List<GroupMember> _members = [];
    private readonly Dictionary<string, ITimer> _promisedIds = [];
    private readonly ITimer _rebalanceTimer;
    private string? _leaderId;
    private bool _waitsForFirstMembers;

    public ClassicGroup(string id, TimeProvider time, TimeSpan initialRebalanceDelay, Func<Guid> newId)
    {
        Id = id;
        _time = time;
        _initialRebalanceDelay = initialRebalanceDelay;
        _newId = newId;
        _rebalanceTimer = time.CreateTimer(_ => EndRebalance(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Id { get; }

    public CommittedOffsets Offsets { get; } = new();

    private GroupState State { get; set; } = Empty;

    private int Generation { get; set; }

    private string? ProtocolType { get; set; }

    private string? Protocol { get; set; }

    public Task<JoinGroupResponse> JoinAsync(JoinCall call)
    {
        lock (_gate)
        {
            if (!IsCompatible(call.Request))
            {
                return Task.FromResult(call.Failed(ErrorCode.InconsistentGroupProtocol));
            }

            GroupMember? known = call.Request.GroupInstanceId is { } instance
                ? _members.Find(member => member.InstanceId == instance)
                : _members.Find(member => member.Id == call.Request.MemberId);
            if (call.Request.MemberId.Length == 0)
            {
                return known is null ? JoinNew(call) : Replace(known, call);
            }

            if (known is not null)
            {
                return known.Id == call.Request.MemberId ? Rejoin(known, call) : Task.FromResult(call.Failed(ErrorCode.FencedInstanceId));
            }

            return call.Request.GroupInstanceId is null && Redeem(call.Request.MemberId)
                ? Enter(call, call.Request.MemberId)
                : Task.FromResult(call.Failed(ErrorCode.UnknownMemberId));
        }
    }

    public Task<SyncGroupResponse> SyncAsync(SyncGroupRequest request)
    {
        lock (_gate)
        {
            ErrorCode error = Find(request.MemberId, request.GroupInstanceId, request.GenerationId, out GroupMember? member);
            if (error == ErrorCode.None
                && ((request.ProtocolType is not null && request.ProtocolType != ProtocolType) || (request.ProtocolName is not null && request.ProtocolName != Protocol)))
            {
                error = ErrorCode.InconsistentGroupProtocol;
            }

            if (error != ErrorCode.None || State == PreparingRebalance)
            {
                return Task.FromResult(new SyncGroupResponse { ErrorCode = error == ErrorCode.None ? ErrorCode.RebalanceInProgress : error });
            }

            member!.KeepAlive();
            if (State == Stable)
            {
                return Task.FromResult(SyncAnswer(member));
            }

            member.Syncing = new TaskCompletionSource<SyncGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<SyncGroupResponse> answer = member.Syncing.Task;
            if (member.Id == _leaderId)
            {
                Assign(request.Assignments);
            }

            return answer;
        }
    }

    public ErrorCode Heartbeat(HeartbeatRequest request)
    {
        lock (_gate)
        {
            ErrorCode error = Find(request.MemberId, request.GroupInstanceId, request.GenerationId, out GroupMember? member);
            member?.KeepAlive();
            return error == ErrorCode.None && State == PreparingRebalance ? ErrorCode.RebalanceInProgress : error;
        }
    }

    public ErrorCode Leave(string memberId, string? instanceId)
    {
        lock (_gate)
        {
            GroupMember? member = instanceId is null
                ? _members.Find(member => member.Id == memberId)
                : _members.Find(member => member.InstanceId == instanceId);
            if (member is null)
            {
                if (!Redeem(memberId))
                {
                    return ErrorCode.UnknownMemberId;
                }

                EndRebalanceIfComplete();
                return ErrorCode.None;
            }

            if (memberId.Length > 0 && member.Id != memberId)
            {
                return ErrorCode.FencedInstanceId;
            }

            Remove(member);
            return ErrorCode.None;
        }
    }

    /// <summary>Whether a member, or someone outside while there are none, may commit.</summary>
    public ErrorCode CheckCommit(OffsetCommitRequest request)
    {
        lock (_gate)
        {
            if (request.GenerationIdOrMemberEpoch < 0 && request.MemberId.Length == 0 && State == Empty)
            {
                return ErrorCode.None;
            }

            ErrorCode error = Find(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch, out GroupMember? member);
            member?.KeepAlive();
            return error == ErrorCode.None && State == CompletingRebalance ? ErrorCode.RebalanceInProgress : error;
        }
    }

    public (GroupState State, string ProtocolType) Summary()
    {
        lock (_gate)
        {
            return (State, ProtocolType ?? "");
        }
    }

    public DescribeGroupsResponse.DescribedGroup Describe()
    {
        lock (_gate)
        {
            bool isStable = State == Stable;
            return new DescribeGroupsResponse.DescribedGroup
            {
                GroupId = Id,
                GroupState = State.ToString(),
                ProtocolType = ProtocolType ?? "",
                ProtocolData = isStable ? Protocol ?? "" : "",
                Members = [.. _members.Select(member => new DescribeGroupsResponse.DescribedGroupMember
                {
                    MemberId = member.Id,
                    GroupInstanceId = member.InstanceId,
                    ClientId = member.ClientId,
                    ClientHost = member.ClientHost,
                    MemberMetadata = isStable ? member.MetadataOf(Protocol!) : default,
                    MemberAssignment = isStable ? member.Assignment : default,
                })],
            };
        }
    }

    /// <summary>Ends the group if nobody is in it.</summary>
    public ErrorCode Delete()
    {
        lock (_gate)
        {
            if (State != Empty)
            {
                return ErrorCode.NonEmptyGroup;
            }

            Move(Dead);
            Dispose();
            return ErrorCode.None;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _rebalanceTimer.Dispose();
            _members.ForEach(member => member.SessionTimer?.Dispose());
            ForgetPromises();
        }
    }

    private static bool IsLegal(GroupState from, GroupState to) => (from, to) switch
    {
        (Empty, PreparingRebalance or Dead) => true,
        (PreparingRebalance, CompletingRebalance or Empty) => true,
        (CompletingRebalance, Stable or PreparingRebalance) => true,
        (Stable, PreparingRebalance) => true,
        _ => false,
    };

    private void Move(GroupState to)
    {
        if (!IsLegal(State, to))
        {
            throw new InvalidOperationException($"Group {Id} cannot go from {State} to {to}.");
        }

        State = to;
    }

    private bool IsCompatible(JoinGroupRequest request)
    {
        if (request.Protocols.Count == 0 || request.ProtocolType.Length == 0)
        {
            return false;
        }

        GroupMember[] others = [.. _members.Where(member => member.Id != request.MemberId)];
        return others.Length == 0
            || (request.ProtocolType == ProtocolType
                && request.Protocols.Exists(offered => others.All(member => member.Protocols.Any(protocol => protocol.Name == offered.Name))));
    }

    private ErrorCode Find(string memberId, string? instanceId, int generation, out GroupMember? member)
    {
        member = _members.Find(member => instanceId is null ? member.Id == memberId : member.InstanceId == instanceId);
        if (member is null || State is Empty or Dead)
        {
            return ErrorCode.UnknownMemberId;
        }

        if (member.Id != memberId)
        {
            member = null;
            return ErrorCode.FencedInstanceId;
        }

        return generation == Generation ? ErrorCode.None : ErrorCode.IllegalGeneration;
    }

    private Task<JoinGroupResponse> JoinNew(JoinCall call)
    {
        string id = $"{call.Request.GroupInstanceId ?? call.ClientId}-{_newId()}";
        if (call.MustKnowId)
        {
            _promisedIds[id] = _time.CreateTimer(_ => BreakPromise(id), null, call.SessionTimeout, Timeout.InfiniteTimeSpan);
            return Task.FromResult(call.Failed(ErrorCode.MemberIdRequired, id));
        }

        return Enter(call, id);
    }

    private Task<JoinGroupResponse> Enter(JoinCall call, string id)
    {
        var member = new GroupMember(id, call.Request.GroupInstanceId, call.ClientId, call.ClientHost);
        member.SessionTimer = _time.CreateTimer(_ => ExpireSession(member), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _members.Add(member);
        ProtocolType = call.Request.ProtocolType;
        return Wait(member, call);
    }

    private bool Redeem(string memberId)
    {
        bool isPromised = _promisedIds.Remove(memberId, out ITimer? timer);
        timer?.Dispose();
        return isPromised;
    }

    /// <summary>Who was given an id and did not come back within its session is not waited for.</summary>
    private void BreakPromise(string memberId)
    {
        lock (_gate)
        {
            if (Redeem(memberId))
            {
                EndRebalanceIfComplete();
            }
        }
    }

    private void ForgetPromises()
    {
        foreach (ITimer timer in _promisedIds.Values)
        {
            timer.Dispose();
        }

        _promisedIds.Clear();
    }

    private void ExpireSession(GroupMember member)
    {
        lock (_gate)
        {
            if (!member.IsWaiting && _members.Contains(member))
            {
                Remove(member);
            }
        }
    }

    private void Remove(GroupMember member)
    {
        _members.Remove(member);
        member.SessionTimer?.Dispose();
        member.AnswerJoin(new JoinGroupResponse { ErrorCode = ErrorCode.UnknownMemberId, MemberId = member.Id, ProtocolName = "" });
        member.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
        if (State is Stable or CompletingRebalance)
        {
            BeginRebalance();
        }

        EndRebalanceIfComplete();
    }
}
