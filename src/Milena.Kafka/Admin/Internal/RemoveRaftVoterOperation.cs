using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Takes a controller's vote in the metadata quorum away (KIP-853).</summary>
internal sealed class RemoveRaftVoterOperation : SingleOperation<RemoveRaftVoterRequest, RemoveRaftVoterResponse, bool>
{
    private readonly RemoveRaftVoterRequest _request;

    public RemoveRaftVoterOperation(RemoveRaftVoterRequest request) => _request = request;

    public override Api Api => Apis.RemoveRaftVoter;

    public override string Describe(Route key) => $"Removing voter {_request.VoterId}";

    protected override RemoveRaftVoterRequest CreateRequest(short version) => _request;

    protected override (ErrorCode Error, string? Detail) ErrorOf(RemoveRaftVoterResponse response) => (response.ErrorCode, response.ErrorMessage);

    protected override bool Read(RemoveRaftVoterResponse response) => true;
}
