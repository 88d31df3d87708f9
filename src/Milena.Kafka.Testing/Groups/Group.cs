using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups.Consumer;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Groups;

/// <summary>
/// A group id with its positions, and the group of either protocol that goes by it at the moment. Thread-safe: its lock guards the group, its timer
/// brings time to it.
/// </summary>
internal sealed partial class Group : IDisposable
{
    private readonly Lock _gate = new();
    private readonly GroupSettings _settings;
    private readonly TimeProvider _time;
    private readonly Func<TopicCatalog> _topics;
    private readonly ITimer _timer;
    private ClassicGroup? _classic;
    private ConsumerGroup? _consumer;
    private bool _isDeleted;

    public Group(string id, GroupSettings settings, Func<TopicCatalog> topics)
    {
        Id = id;
        _settings = settings;
        _time = settings.Classic.Time;
        _topics = topics;
        _classic = new ClassicGroup(id, _gate, settings.Classic);
        _timer = _time.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Id { get; }

    public CommittedOffsets Offsets { get; } = new();

    /// <summary>The broker that looks after the group, as far as the group has learnt. Guarded by <see cref="GroupCoordinator"/>.</summary>
    public int? CoordinatorId { get; set; }

    public Task<JoinGroupResponse> JoinAsync(JoinCall call)
    {
        lock (_gate)
        {
            if (_isDeleted)
            {
                return Task.FromResult(call.Failed(ErrorCode.CoordinatorNotAvailable));
            }

            if (_consumer is { MemberCount: 0 })
            {
                BecomeClassic(ClassicGroupImage.Empty, mustRebalance: false);
            }

            if (_classic is not null)
            {
                return _classic.JoinAsync(call);
            }

            try
            {
                JoinGroupResponse answer = _consumer!.ClassicJoin(call, _topics(), _time.GetUtcNow());
                Settle(mustRebalance: false);
                return Task.FromResult(answer);
            }
            catch (GroupRefusalException refusal)
            {
                return Task.FromResult(call.Failed(refusal.Code));
            }
        }
    }

    public Task<SyncGroupResponse> SyncAsync(SyncGroupRequest request)
    {
        lock (_gate)
        {
            if (_classic is not null)
            {
                return _classic.SyncAsync(request);
            }

            try
            {
                SyncGroupResponse answer = _consumer!.ClassicSync(request, _topics(), _time.GetUtcNow());
                Rearm();
                return Task.FromResult(answer);
            }
            catch (GroupRefusalException refusal)
            {
                Rearm();
                return Task.FromResult(new SyncGroupResponse { ErrorCode = refusal.Code });
            }
        }
    }

    public ErrorCode Heartbeat(HeartbeatRequest request)
    {
        lock (_gate)
        {
            return _classic?.Heartbeat(request) ?? OnConsumer(group => group.ClassicHeartbeat(request, _time.GetUtcNow()));
        }
    }

    public ErrorCode Leave(string memberId, string? instanceId)
    {
        lock (_gate)
        {
            return _classic?.Leave(memberId, instanceId) ?? OnConsumer(group =>
            {
                group.ClassicLeave(memberId, instanceId);
                return ErrorCode.None;
            });
        }
    }

    /// <exception cref="GroupRefusalException">The member is refused, and why.</exception>
    public ConsumerGroupHeartbeatResponse ConsumerHeartbeat(HeartbeatCall call)
    {
        lock (_gate)
        {
            if (_isDeleted)
            {
                throw new GroupRefusalException(ErrorCode.CoordinatorNotAvailable, $"Group {Id} has just been deleted.");
            }

            if (call.IsJoin && _classic is not null)
            {
                BecomeConsumer();
            }

            ConsumerGroup group = _consumer ?? throw NotConsumer();
            try
            {
                return group.Heartbeat(call, _topics(), _time.GetUtcNow());
            }
            finally
            {
                Settle(mustRebalance: true);
            }
        }
    }

    /// <summary>Whether positions may be stored.</summary>
    public ErrorCode CheckCommit(OffsetCommitRequest request, short version)
    {
        const short FirstVersionWithEpochs = 9;
        lock (_gate)
        {
            if (_isDeleted)
            {
                return ErrorCode.CoordinatorNotAvailable;
            }

            if (_classic is not null)
            {
                return _classic.CheckCommit(request);
            }

            if (request.GenerationIdOrMemberEpoch < 0 && _consumer!.MemberCount == 0)
            {
                return ErrorCode.None;
            }

            ConsumerMember? member = _consumer!.Find(request.MemberId);
            return member is { Classic: null } && version < FirstVersionWithEpochs
                ? ErrorCode.UnsupportedVersion
                : CheckEpoch(member, request.GenerationIdOrMemberEpoch);
        }
    }

    /// <summary>Whether positions may be read.</summary>
    public ErrorCode CheckFetch(string? memberId, int epoch)
    {
        lock (_gate)
        {
            return _consumer is null || (memberId is null && epoch < 0) ? ErrorCode.None : CheckEpoch(_consumer.Find(memberId ?? ""), epoch);
        }
    }

    /// <summary>Whether positions may be forgotten at all.</summary>
    public ErrorCode CheckDelete()
    {
        lock (_gate)
        {
            return _classic is { State: not GroupState.Empty, ProtocolType: not EmbeddedProtocol.Type } ? ErrorCode.NonEmptyGroup : ErrorCode.None;
        }
    }

    public bool IsSubscribedTo(string topic)
    {
        lock (_gate)
        {
            return _consumer?.IsSubscribedTo(topic) ?? ClassicSubscription.Includes(_classic!, topic);
        }
    }

    /// <summary>Ends the group if nobody is in it.</summary>
    public ErrorCode Delete()
    {
        lock (_gate)
        {
            if (_consumer is { MemberCount: > 0 } || _classic is { State: not GroupState.Empty })
            {
                return ErrorCode.NonEmptyGroup;
            }

            // Who has found the group a moment ago and comes now has to look for it again.
            _isDeleted = true;
            Dispose();
            return ErrorCode.None;
        }
    }

    /// <summary>Another broker looks after the group from now on: what was not in the log is gone, and all time-outs begin anew.</summary>
    public void Recover()
    {
        lock (_gate)
        {
            _classic?.Recover();
            _consumer?.RestartTimers(_time.GetUtcNow());
            Rearm();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timer.Dispose();
            _classic?.Dispose();
        }
    }

    private static ErrorCode CheckEpoch(ConsumerMember? member, int epoch)
    {
        if (member is null)
        {
            return ErrorCode.UnknownMemberId;
        }

        return member.Epoch == epoch ? ErrorCode.None : member.Classic is null ? ErrorCode.StaleMemberEpoch : ErrorCode.IllegalGeneration;
    }

    private ErrorCode OnConsumer(Func<ConsumerGroup, ErrorCode> call)
    {
        try
        {
            ErrorCode error = call(_consumer!);
            Settle(mustRebalance: true);
            return error;
        }
        catch (GroupRefusalException refusal)
        {
            return refusal.Code;
        }
    }

    private GroupRefusalException NotConsumer() => new(ErrorCode.GroupIdNotFound, $"Group {Id} is not a consumer group.");
}
