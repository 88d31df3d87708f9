using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Groups.GroupState;

namespace Milena.Kafka.Testing.Groups;

/// <summary>
/// One group of the classic protocol: members, generations and the barriers between them. Thread-safe; the lock of its <see cref="Group"/> guards
/// all of it.
/// </summary>
internal sealed partial class ClassicGroup : IDisposable
{
    private readonly Lock _gate;
    private readonly ClassicGroupSettings _settings;
    private readonly List<GroupMember> _members = [];
    private readonly Dictionary<string, ITimer> _promisedIds = [];
    private readonly HashSet<string> _notSynced = [];
    private readonly ITimer _rebalanceTimer;
    private readonly ITimer _syncTimer;
    private string? _leaderId;
    private ClassicGroupImage _image = ClassicGroupImage.Empty;

    public ClassicGroup(string id, Lock gate, ClassicGroupSettings settings)
    {
        Id = id;
        _gate = gate;
        _settings = settings;
        _rebalanceTimer = settings.Time.CreateTimer(_ => EndRebalance(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _syncTimer = settings.Time.CreateTimer(_ => EndSync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Id { get; }

    public GroupState State { get; private set; } = Empty;

    public int Generation { get; private set; }

    public string? ProtocolType { get; private set; }

    public string? Protocol { get; private set; }

    public IReadOnlyList<GroupMember> Members => _members;

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
            if (known is null && _members.Count >= _settings.MaxSize)
            {
                return Task.FromResult(call.Failed(ErrorCode.GroupMaxSizeReached, ""));
            }

            if (call.Request.MemberId.Length == 0)
            {
                return known is null ? JoinNew(call) : Replace(known, call);
            }

            if (known is not null)
            {
                return known.Id == call.Request.MemberId ? Rejoin(known, call) : Task.FromResult(call.Failed(ErrorCode.FencedInstanceId));
            }

            return call.Request.GroupInstanceId is null && BreakPromise(call.Request.MemberId)
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
            _notSynced.Remove(member.Id);
            if (State == Stable)
            {
                return Task.FromResult(SyncAnswer(member));
            }

            // A second request of the same member takes the place of the first.
            member.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
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
            if (error != ErrorCode.None)
            {
                return error;
            }

            member!.KeepAlive();
            return State == PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
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
                if (!BreakPromise(memberId))
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
            if (request.GenerationIdOrMemberEpoch < 0 && State == Empty)
            {
                return ErrorCode.None;
            }

            ErrorCode error = Find(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch, out GroupMember? member);
            if (error != ErrorCode.None)
            {
                return error;
            }

            member!.KeepAlive();
            return State == CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _rebalanceTimer.Dispose();
            _syncTimer.Dispose();
            _members.ForEach(member => member.SessionTimer?.Dispose());
            foreach (ITimer promise in _promisedIds.Values)
            {
                promise.Dispose();
            }
        }
    }

    private static bool IsLegal(GroupState from, GroupState to) => (from, to) switch
    {
        (_, Dead) => from != Dead,
        (Empty, PreparingRebalance) => true,
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

        return State == Empty
            || (request.ProtocolType == ProtocolType && request.Protocols.Exists(offered => _members.TrueForAll(member => member.Knows(offered.Name))));
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
}
