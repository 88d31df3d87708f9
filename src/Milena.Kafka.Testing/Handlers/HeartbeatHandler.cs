using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Keeps members of classic groups alive.</summary>
internal sealed class HeartbeatHandler(GroupCoordinator groups) : RequestHandler<HeartbeatRequest, HeartbeatResponse>(Apis.Heartbeat)
{
    protected override HeartbeatResponse Handle(HeartbeatRequest request, RequestContext context)
    {
        ErrorCode error = groups.Check(request.GroupId, context);
        return Fail(request, error != ErrorCode.None ? error : groups.Find(request.GroupId)?.Heartbeat(request) ?? ErrorCode.UnknownMemberId, context);
    }

    protected override HeartbeatResponse Fail(HeartbeatRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };
}
