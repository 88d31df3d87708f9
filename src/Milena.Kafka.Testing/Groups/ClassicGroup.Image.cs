using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Groups.GroupState;

namespace Milena.Kafka.Testing.Groups;

/// <content>What is seen of the group from outside, and what of it outlives its coordinator.</content>
internal sealed partial class ClassicGroup
{
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

    /// <summary>Takes the place of whatever the group was, with members that have to be heard of from now on.</summary>
    /// <param name="image">The group.</param>
    /// <param name="mustRebalance">Whether the members are to join again.</param>
    public void Load(ClassicGroupImage image, bool mustRebalance)
    {
        lock (_gate)
        {
            Clear(ErrorCode.NotCoordinator);
            Generation = image.Generation;
            ProtocolType = image.ProtocolType;
            _image = image;
            foreach (GroupMember member in image.Members.Select(member => member.Copy()))
            {
                Watch(member);
                _members.Add(member);
                member.KeepAlive();
            }

            State = _members.Count > 0 ? Stable : Empty;
            Protocol = _members.Count > 0 ? image.Protocol ?? ChooseProtocol() : null;
            _leaderId = _members.Count > 0 ? image.LeaderId ?? _members[0].Id : null;
            if (mustRebalance && State == Stable)
            {
                BeginRebalance();
            }
        }
    }

    /// <summary>What a coordinator does that takes the group over: it knows what was in the log, and nobody who was waiting.</summary>
    public void Recover() => Load(_image, mustRebalance: false);

    /// <summary>Ends the group: those who wait are told.</summary>
    public void Retire(ErrorCode error)
    {
        lock (_gate)
        {
            Clear(error);
            Move(Dead);
            Dispose();
        }
    }

    private ClassicGroupImage TakeImage() => new(Generation, ProtocolType, Protocol, _leaderId, [.. _members.Select(member => member.Copy())]);

    private void Clear(ErrorCode error)
    {
        foreach (GroupMember member in _members)
        {
            member.SessionTimer?.Dispose();
            member.AnswerJoin(new JoinGroupResponse { ErrorCode = error, MemberId = member.Id, ProtocolName = "" });
            member.AnswerSync(new SyncGroupResponse { ErrorCode = error });
        }

        _members.Clear();
        foreach (string id in _promisedIds.Keys.ToArray())
        {
            BreakPromise(id);
        }

        StopSync();
        _rebalanceTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _waitsForFirstMembers = false;
    }
}
