using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Has the coordinator of a group put members out.</summary>
internal sealed class RemoveMembersOperation : Operation<GroupMemberName, LeaveGroupRequest, LeaveGroupResponse, bool>
{
    private const short FirstVersionOfLists = 3;
    private const int LongestReason = 255;

    private readonly string _groupId;
    private readonly string _reason;

    public RemoveMembersOperation(string groupId, string? reason)
    {
        _groupId = groupId;
        string told = string.IsNullOrEmpty(reason) ? "member was removed by an admin" : $"member was removed by an admin: {reason}";
        _reason = told.Length <= LongestReason ? told : told[..LongestReason];
    }

    public override Api Api => Apis.LeaveGroup;

    public override int KeysPerRequest(short version) => version >= FirstVersionOfLists ? int.MaxValue : 1;

    public override Route RouteOf(GroupMemberName key) => Route.ToCoordinator(CoordinatorKeyType.Group, _groupId);

    public override LeaveGroupRequest CreateRequest(IReadOnlyList<GroupMemberName> keys, short version)
    {
        if (version < FirstVersionOfLists)
        {
            return new LeaveGroupRequest
            {
                GroupId = _groupId,
                MemberId = keys[0].MemberId ?? throw new UnsupportedVersionException("Brokers before 2.4 know members by their id only, not by the name of a static member."),
            };
        }

        return new LeaveGroupRequest
        {
            GroupId = _groupId,
            Members = [.. keys.Select(key => new LeaveGroupRequest.MemberIdentity { MemberId = key.MemberId ?? "", GroupInstanceId = key.InstanceId, Reason = _reason })],
        };
    }

    public override void Read(IReadOnlyList<GroupMemberName> keys, LeaveGroupResponse response, AnswerSheet<GroupMemberName, bool> answers)
    {
        foreach (GroupMemberName key in keys)
        {
            LeaveGroupResponse.MemberResponse? own = response.Members.Find(member => key.InstanceId is null ? member.MemberId == key.MemberId : member.GroupInstanceId == key.InstanceId);
            if (response.ErrorCode != ErrorCode.None || response.Members.Count == 0)
            {
                answers.Note(key, response.ErrorCode, null, true);
            }
            else if (own is not null)
            {
                answers.Note(key, own.ErrorCode, null, true);
            }
        }
    }

    public override string Describe(GroupMemberName key) => $"Removing {key} from group '{_groupId}'";
}
