using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Gives a controller a vote in the metadata quorum (KIP-853).</summary>
internal sealed class AddRaftVoterOperation : SingleOperation<AddRaftVoterRequest, AddRaftVoterResponse, bool>
{
    private readonly AddRaftVoterRequest _request;

    public AddRaftVoterOperation(AddRaftVoterRequest request) => _request = request;

    public override Api Api => Apis.AddRaftVoter;

    public override string Describe(Route key) => $"Adding voter {_request.VoterId}";

    protected override AddRaftVoterRequest CreateRequest(short version) => _request;

    protected override (ErrorCode Error, string? Detail) ErrorOf(AddRaftVoterResponse response) => (response.ErrorCode, response.ErrorMessage);

    protected override bool Read(AddRaftVoterResponse response) => true;
}
