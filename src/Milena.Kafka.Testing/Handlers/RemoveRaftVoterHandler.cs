using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Takes a controller's vote away (KIP-853).</summary>
internal sealed class RemoveRaftVoterHandler() : RequestHandler<RemoveRaftVoterRequest, RemoveRaftVoterResponse>(Apis.RemoveRaftVoter)
{
    protected override RemoveRaftVoterResponse Handle(RemoveRaftVoterRequest request, RequestContext context)
    {
        ErrorCode error = request.ClusterId is { } wanted && wanted != context.Cluster.ClusterId
            ? ErrorCode.InconsistentClusterId
            : context.Cluster.Quorum.Remove(request.VoterId, request.VoterDirectoryId);
        return error == ErrorCode.None ? new RemoveRaftVoterResponse { ErrorMessage = null } : Fail(request, error, context);
    }

    protected override RemoveRaftVoterResponse Fail(RemoveRaftVoterRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error, ErrorMessage = error.Meaning() };
}
