using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Removes the registration of a broker.</summary>
internal sealed class UnregisterBrokerOperation : SingleOperation<UnregisterBrokerRequest, UnregisterBrokerResponse, bool>
{
    private readonly int _brokerId;

    public UnregisterBrokerOperation(int brokerId) => _brokerId = brokerId;

    public override Api Api => Apis.UnregisterBroker;

    public override string Describe(Route key) => $"Unregistering broker {_brokerId}";

    protected override UnregisterBrokerRequest CreateRequest(short version) => new() { BrokerId = _brokerId };

    protected override (ErrorCode Error, string? Detail) ErrorOf(UnregisterBrokerResponse response) => (response.ErrorCode, response.ErrorMessage);

    protected override bool Read(UnregisterBrokerResponse response) => true;
}
