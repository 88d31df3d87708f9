using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Groups.GroupState;

namespace Milena.Kafka.Testing.Groups;

/// <content>How members come in, come back and get lost. All of it runs under the lock of the group.</content>
internal sealed partial class ClassicGroup
{
    private Task<JoinGroupResponse> JoinNew(JoinCall call)
    {
        string id = $"{call.Request.GroupInstanceId ?? call.ClientId}-{_settings.NewId()}";
        if (call.MustKnowId)
        {
            _promisedIds.Add(id, _settings.Time.CreateTimer(_ => ExpirePromise(id), null, call.SessionTimeout, Timeout.InfiniteTimeSpan));
            return Task.FromResult(call.Failed(ErrorCode.MemberIdRequired, id));
        }

        return Enter(call, id);
    }

    private Task<JoinGroupResponse> Enter(JoinCall call, string id)
    {
        var member = new GroupMember(id, call.Request.GroupInstanceId, call.ClientId, call.ClientHost);
        Watch(member);
        _members.Add(member);
        ProtocolType = call.Request.ProtocolType;
        _hasNewMember = true;
        return Wait(member, call);
    }

    private Task<JoinGroupResponse> Rejoin(GroupMember member, JoinCall call)
    {
        bool isSame = member.Offers(call.Request.Protocols);
        bool needsRebalance = State switch
        {
            CompletingRebalance => !isSame,
            Stable => !isSame || member.Id == _leaderId,
            _ => true,
        };
        if (needsRebalance)
        {
            return Wait(member, call);
        }

        // The member has missed its answer: it gets it again.
        Update(member, call);
        member.KeepAlive();
        return Task.FromResult(JoinAnswer(member));
    }

    /// <summary>KIP-345: a static member that comes back takes its own place again.</summary>
    private Task<JoinGroupResponse> Replace(GroupMember member, JoinCall call)
    {
        string oldId = member.Id;
        member.AnswerJoin(call.Failed(ErrorCode.FencedInstanceId, oldId));
        member.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.FencedInstanceId });
        member.Id = $"{member.InstanceId}-{_settings.NewId()}";
        member.ClientId = call.ClientId;
        member.ClientHost = call.ClientHost;
        if (_notSynced.Remove(oldId))
        {
            _notSynced.Add(member.Id);
        }

        bool wasLeader = _leaderId == oldId;
        if (wasLeader)
        {
            _leaderId = member.Id;
        }

        Update(member, call);
        if (State != Stable || ChooseProtocol() != Protocol)
        {
            // While the leader assigns it would assign to the old id.
            return Wait(member, call);
        }

        member.KeepAlive();
        _image = TakeImage();
        JoinGroupResponse answer = JoinAnswer(member);
        if (wasLeader && call.Version >= 9)
        {
            answer.SkipAssignment = true;
        }
        else if (wasLeader)
        {
            // An older client that saw itself as leader would assign anew; it is told of the leader that it was.
            answer.Leader = oldId;
            answer.Members = [];
        }

        return Task.FromResult(answer);
    }

    private Task<JoinGroupResponse> Wait(GroupMember member, JoinCall call)
    {
        Update(member, call);
        member.AnswerJoin(call.Failed(ErrorCode.UnknownMemberId));
        member.Joining = new TaskCompletionSource<JoinGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<JoinGroupResponse> answer = member.Joining.Task;
        if (State != PreparingRebalance)
        {
            BeginRebalance();
        }

        EndRebalanceIfComplete();
        return answer;
    }

    private static void Update(GroupMember member, JoinCall call)
    {
        member.Protocols = call.Request.Protocols;
        member.SessionTimeout = call.SessionTimeout;
        member.RebalanceTimeout = call.RebalanceTimeout;
    }

    private void Watch(GroupMember member) =>
        member.SessionTimer = _settings.Time.CreateTimer(_ => ExpireSession(member), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private bool BreakPromise(string id)
    {
        if (!_promisedIds.Remove(id, out ITimer? timer))
        {
            return false;
        }

        timer.Dispose();
        return true;
    }

    private void ExpirePromise(string id)
    {
        lock (_gate)
        {
            if (BreakPromise(id))
            {
                EndRebalanceIfComplete();
            }
        }
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
        Forget(member);
        if (State is Stable or CompletingRebalance)
        {
            BeginRebalance();
        }

        EndRebalanceIfComplete();
    }

    private void Forget(GroupMember member)
    {
        _members.Remove(member);
        _notSynced.Remove(member.Id);
        member.SessionTimer?.Dispose();
        member.AnswerJoin(new JoinGroupResponse { ErrorCode = ErrorCode.UnknownMemberId, MemberId = member.Id, ProtocolName = "" });
        member.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
    }
}
