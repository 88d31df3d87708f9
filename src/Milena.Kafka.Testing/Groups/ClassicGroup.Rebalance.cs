using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Groups.GroupState;

namespace Milena.Kafka.Testing.Groups;

/// <content>The two barriers: all have joined, the leader has assigned. All of it runs under the lock of the group.</content>
internal sealed partial class ClassicGroup
{
    private bool _waitsForFirstMembers;
    private bool _hasNewMember;
    private TimeSpan _leftForFirstMembers;

    private TimeSpan RebalanceTimeout => _members.Count > 0 ? _members.Max(member => member.RebalanceTimeout) : TimeSpan.Zero;

    private void BeginRebalance()
    {
        TimeSpan delay = _settings.InitialRebalanceDelay;
        _waitsForFirstMembers = State == Empty && delay > TimeSpan.Zero;
        StopSync();
        if (State == CompletingRebalance)
        {
            foreach (GroupMember member in _members)
            {
                member.Assignment = default;
                if (member.Syncing is not null)
                {
                    member.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
                    member.KeepAlive();
                }
            }
        }

        Move(PreparingRebalance);
        _hasNewMember = false;
        TimeSpan limit = RebalanceTimeout;
        _leftForFirstMembers = limit > delay ? limit - delay : TimeSpan.Zero;

        // A group that the last member has left is done at once: a timer that is due now would run later, and end the rebalance of those who come next.
        TimeSpan wait = _members.Count == 0 ? Timeout.InfiniteTimeSpan : limit;
        _rebalanceTimer.Change(_waitsForFirstMembers ? delay : wait, Timeout.InfiniteTimeSpan);
    }

    private void EndRebalanceIfComplete()
    {
        if (State == PreparingRebalance && !_waitsForFirstMembers && _promisedIds.Count == 0 && _members.TrueForAll(member => member.Joining is not null))
        {
            CompleteJoin();
        }
    }

    /// <summary>The time for joining is over: who has not come is out, unless it is a static member.</summary>
    private void EndRebalance()
    {
        lock (_gate)
        {
            if (State != PreparingRebalance)
            {
                return;
            }

            if (_waitsForFirstMembers && _hasNewMember && _leftForFirstMembers > TimeSpan.Zero)
            {
                // KIP-134: as long as members come, the first rebalance waits for more.
                _hasNewMember = false;
                TimeSpan delay = _settings.InitialRebalanceDelay < _leftForFirstMembers ? _settings.InitialRebalanceDelay : _leftForFirstMembers;
                _leftForFirstMembers -= delay;
                _rebalanceTimer.Change(delay, Timeout.InfiniteTimeSpan);
                return;
            }

            _waitsForFirstMembers = false;
            foreach (GroupMember absent in _members.Where(member => member.Joining is null && member.InstanceId is null).ToArray())
            {
                Forget(absent);
            }

            if (_members.Count > 0 && _members.TrueForAll(member => member.Joining is null))
            {
                // Nobody could lead: static members have until the end of their sessions.
                _rebalanceTimer.Change(RebalanceTimeout, Timeout.InfiniteTimeSpan);
                return;
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
            _image = TakeImage();
            return;
        }

        Protocol = ChooseProtocol();
        if (_members.Find(member => member.Id == _leaderId) is not { Joining: not null })
        {
            _leaderId = _members.First(member => member.Joining is not null).Id;
        }

        Move(CompletingRebalance);
        foreach (GroupMember member in _members)
        {
            _notSynced.Add(member.Id);
            member.KeepAlive();
            member.AnswerJoin(JoinAnswer(member));
        }

        _syncTimer.Change(RebalanceTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Each member votes for the first of its protocols that all of them know.</summary>
    private string ChooseProtocol() => _members
        .Select(member => member.Protocols.First(protocol => _members.TrueForAll(other => other.Knows(protocol.Name))).Name)
        .GroupBy(name => name)
        .MaxBy(votes => votes.Count())!
        .Key;

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

        _image = TakeImage();
    }

    private SyncGroupResponse SyncAnswer(GroupMember member) => new()
    {
        ProtocolType = ProtocolType,
        ProtocolName = Protocol,
        Assignment = member.Assignment,
    };

    /// <summary>The time for SyncGroup is over: who has not asked for its assignment is out, static or not.</summary>
    private void EndSync()
    {
        lock (_gate)
        {
            if (State is not (CompletingRebalance or Stable) || _notSynced.Count == 0)
            {
                return;
            }

            foreach (GroupMember silent in _members.Where(member => _notSynced.Contains(member.Id)).ToArray())
            {
                Forget(silent);
            }

            BeginRebalance();
            EndRebalanceIfComplete();
        }
    }

    private void StopSync()
    {
        _notSynced.Clear();
        _syncTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
