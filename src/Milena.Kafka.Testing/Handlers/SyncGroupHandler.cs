using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Takes the assignment from the leader of a classic group and gives each member its own.</summary>
internal sealed class SyncGroupHandler(GroupCoordinator groups) : RequestHandler<SyncGroupRequest, SyncGroupResponse>(Apis.SyncGroup)
{
    protected override async ValueTask<SyncGroupResponse?> HandleAsync(SyncGroupRequest request, RequestContext context)
    {
        ErrorCode error = groups.Check(request.GroupId, context);
        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        return groups.Find(request.GroupId) is { } group
            ? await group.SyncAsync(request).WaitAsync(context.Stopping).ConfigureAwait(false)
            : Fail(request, ErrorCode.UnknownMemberId, context);
    }

    protected override SyncGroupResponse Fail(SyncGroupRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };
}
