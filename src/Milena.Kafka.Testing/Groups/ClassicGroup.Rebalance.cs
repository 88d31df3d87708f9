using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Groups.GroupState;

namespace Milena.Kafka.Testing.Groups;

/// <content>The two barriers: all have joined, the leader has assigned. All of it runs under the lock of the group.</content>
internal sealed partial class ClassicGroup
{
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
        member.KeepAlive();
        return Task.FromResult(JoinAnswer(member));
    }

    /// <summary>KIP-345: a static member that comes back takes its own place again.</summary>
    private Task<JoinGroupResponse> Replace(GroupMember member, JoinCall call)
    {
        string oldId = member.Id;
        member.AnswerJoin(call.Failed(ErrorCode.FencedInstanceId, oldId));
        member.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.FencedInstanceId });
        member.Id = $"{member.InstanceId}-{_newId()}";
        member.ClientId = call.ClientId;
        member.ClientHost = call.ClientHost;
        bool wasLeader = _leaderId == oldId;
        if (wasLeader)
        {
            _leaderId = member.Id;
        }

        // As in Kafka, what the member says of itself may have changed: only another choice of protocol disturbs the group.
        Update(member, call);
        if (State != Stable || ChooseProtocol() != Protocol)
        {
            return Wait(member, call);
        }

        member.KeepAlive();
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

    private void BeginRebalance()
    {
        _waitsForFirstMembers = State == Empty && _initialRebalanceDelay > TimeSpan.Zero;
        Move(PreparingRebalance);
        foreach (GroupMember member in _members)
        {
            member.Assignment = default;
            if (member.Syncing is not null)
            {
                member.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
                member.KeepAlive();
            }
        }

        TimeSpan limit = _members.Count > 0 ? _members.Max(member => member.RebalanceTimeout) : TimeSpan.Zero;
        _rebalanceTimer.Change(_waitsForFirstMembers ? _initialRebalanceDelay : limit, Timeout.InfiniteTimeSpan);
    }

    private void EndRebalanceIfComplete()
    {
        if (State == PreparingRebalance && !_waitsForFirstMembers && _promisedIds.Count == 0 && _members.TrueForAll(member => member.Joining is not null))
        {
            CompleteJoin();
        }
    }

    /// <summary>The time for joining is over: who has not come is out.</summary>
    private void EndRebalance()
    {
        lock (_gate)
        {
            if (State != PreparingRebalance)
            {
                return;
            }

            _waitsForFirstMembers = false;
            ForgetPromises();
            foreach (GroupMember absent in _members.Where(member => member.Joining is null && member.InstanceId is null).ToArray())
            {
                _members.Remove(absent);
                absent.SessionTimer?.Dispose();
            }

            CompleteJoin();
        }
    }

    private void CompleteJoin()
    {
        _rebalanceTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Generation++;
        if (_members.Count == 0)
        {
            Protocol = null;
            _leaderId = null;
            Move(Empty);
            return;
        }

        Protocol = ChooseProtocol();
        if (!_members.Exists(member => member.Id == _leaderId))
        {
            _leaderId = (_members.Find(member => member.Joining is not null) ?? _members[0]).Id;
        }

        Move(CompletingRebalance);
        foreach (GroupMember member in _members)
        {
            member.KeepAlive();
            member.AnswerJoin(JoinAnswer(member));
        }
    }

    /// <summary>Each member votes for the first of its protocols that all of them know.</summary>
    private string ChooseProtocol()
    {
        HashSet<string> common = [.. _members[0].Protocols.Select(protocol => protocol.Name)];
        foreach (GroupMember member in _members)
        {
            common.IntersectWith(member.Protocols.Select(protocol => protocol.Name));
        }

        return _members
            .Select(member => member.Protocols.First(protocol => common.Contains(protocol.Name)).Name)
            .GroupBy(name => name)
            .MaxBy(votes => votes.Count())!
            .Key;
    }

    private JoinGroupResponse JoinAnswer(GroupMember member) => new()
    {
        GenerationId = Generation,
        ProtocolType = ProtocolType,
        ProtocolName = Protocol,
        Leader = _leaderId!,
        MemberId = member.Id,
        Members = member.Id != _leaderId ? [] : [.. _members.Select(other => new JoinGroupResponse.JoinGroupResponseMember
        {
            MemberId = other.Id,
            GroupInstanceId = other.InstanceId,
            Metadata = other.MetadataOf(Protocol!),
        })],
    };

    private void Assign(List<SyncGroupRequest.SyncGroupRequestAssignment> assignments)
    {
        Move(Stable);
        foreach (GroupMember member in _members)
        {
            member.Assignment = assignments.Find(assignment => assignment.MemberId == member.Id)?.Assignment ?? default;
            if (member.Syncing is not null)
            {
                member.AnswerSync(SyncAnswer(member));
                member.KeepAlive();
            }
        }
    }

    private SyncGroupResponse SyncAnswer(GroupMember member) => new()
    {
        ProtocolType = ProtocolType,
        ProtocolName = Protocol,
        Assignment = member.Assignment,
    };
}
