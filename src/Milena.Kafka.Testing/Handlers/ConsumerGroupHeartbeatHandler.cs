using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Groups.Consumer;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Serves members of consumer groups: join, report, receive, leave (KIP-848).</summary>
internal sealed class ConsumerGroupHeartbeatHandler(GroupCoordinator groups)
    : RequestHandler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(Apis.ConsumerGroupHeartbeat)
{
    protected override ConsumerGroupHeartbeatResponse Handle(ConsumerGroupHeartbeatRequest request, RequestContext context)
    {
        if (!groups.ServesConsumerProtocol)
        {
            return Fail(request, ErrorCode.UnsupportedVersion, context);
        }

        try
        {
            var call = new HeartbeatCall(request, context.Version, new ClientIdentity(context.Request.ClientId ?? "", $"/{context.Client.Host}"));
            ErrorCode error = groups.Check(request.GroupId, context);
            if (error != ErrorCode.None)
            {
                return Fail(request, error, context);
            }

            Group group = (call.IsJoin ? groups.FindOrCreate(request.GroupId) : groups.Find(request.GroupId))
                ?? throw new GroupRefusalException(ErrorCode.GroupIdNotFound, $"Group {request.GroupId} not found.");
            return group.ConsumerHeartbeat(call);
        }
        catch (GroupRefusalException refusal)
        {
            return new ConsumerGroupHeartbeatResponse { ErrorCode = refusal.Code, ErrorMessage = refusal.Message };
        }
    }

    protected override ConsumerGroupHeartbeatResponse Fail(ConsumerGroupHeartbeatRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };
}
