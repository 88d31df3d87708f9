using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Gives a controller a vote (KIP-853). Whether it runs is not looked at.</summary>
internal sealed class AddRaftVoterHandler() : RequestHandler<AddRaftVoterRequest, AddRaftVoterResponse>(Apis.AddRaftVoter)
{
    protected override AddRaftVoterResponse Handle(AddRaftVoterRequest request, RequestContext context)
    {
        if (request.ClusterId is { } wanted && wanted != context.Cluster.ClusterId)
        {
            return Fail(request, ErrorCode.InconsistentClusterId, context);
        }

        if (request.VoterId < 0 || request.Listeners.Count == 0)
        {
            return Fail(request, ErrorCode.InvalidRequest, context);
        }

        // A controller that does not run here has nothing of the log.
        var voter = new QuorumVoter(request.VoterId, request.VoterDirectoryId, [.. request.Listeners.Select(listener => (listener.Name, listener.Host, (int)listener.Port))])
        {
            Stopped = context.Cluster.IsAlive(request.VoterId) ? null : (-1, DateTimeOffset.UnixEpoch),
        };
        ErrorCode error = context.Cluster.Quorum.Add(voter);
        return error == ErrorCode.None ? new AddRaftVoterResponse { ErrorMessage = null } : Fail(request, error, context);
    }

    protected override AddRaftVoterResponse Fail(AddRaftVoterRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error, ErrorMessage = error.Meaning() };
}
