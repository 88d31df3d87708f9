using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Lets members out of classic groups.</summary>
internal sealed class LeaveGroupHandler(GroupCoordinator groups) : RequestHandler<LeaveGroupRequest, LeaveGroupResponse>(Apis.LeaveGroup)
{
    private const short FirstVersionOfLists = 3;

    protected override LeaveGroupResponse Handle(LeaveGroupRequest request, RequestContext context)
    {
        ErrorCode error = groups.Check(request.GroupId, context);
        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        Group? group = groups.Find(request.GroupId);
        if (context.Version < FirstVersionOfLists)
        {
            return Fail(request, group?.Leave(request.MemberId, null) ?? ErrorCode.UnknownMemberId, context);
        }

        return new LeaveGroupResponse
        {
            Members = [.. request.Members.Select(member => new LeaveGroupResponse.MemberResponse
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ErrorCode = group?.Leave(member.MemberId, member.GroupInstanceId) ?? ErrorCode.UnknownMemberId,
            })],
        };
    }

    protected override LeaveGroupResponse Fail(LeaveGroupRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };
}
