using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Lets members into classic groups.</summary>
internal sealed class JoinGroupHandler(GroupCoordinator groups) : RequestHandler<JoinGroupRequest, JoinGroupResponse>(Apis.JoinGroup)
{
    protected override async ValueTask<JoinGroupResponse?> HandleAsync(JoinGroupRequest request, RequestContext context)
    {
        ErrorCode error = groups.Check(request.GroupId, context);
        if (error == ErrorCode.None && !context.Cluster.Options.AllowsSessionTimeout(request.SessionTimeoutMs))
        {
            error = ErrorCode.InvalidSessionTimeout;
        }

        if (error == ErrorCode.None && request.MemberId.Length > 0 && groups.Find(request.GroupId) is null)
        {
            error = ErrorCode.UnknownMemberId;
        }

        return error != ErrorCode.None
            ? Fail(request, error, context)
            : await groups.FindOrCreate(request.GroupId).JoinAsync(Call(request, context)).WaitAsync(context.Stopping).ConfigureAwait(false);
    }

    protected override JoinGroupResponse Fail(JoinGroupRequest request, ErrorCode error, RequestContext context) => Call(request, context).Failed(error);

    private static JoinCall Call(JoinGroupRequest request, RequestContext context) =>
        new(request, context.Version, context.Request.ClientId ?? "", $"/{context.Client.Host}");
}
