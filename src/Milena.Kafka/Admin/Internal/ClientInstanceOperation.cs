using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Has brokers give this client the id by which its metrics would be known.</summary>
internal sealed class ClientInstanceOperation : SingleOperation<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, Guid>
{
    public override Api Api => Apis.GetTelemetrySubscriptions;

    public override string Describe(Route key) => "Getting a client instance id";

    protected override GetTelemetrySubscriptionsRequest CreateRequest(short version) => new();

    protected override (ErrorCode Error, string? Detail) ErrorOf(GetTelemetrySubscriptionsResponse response) => (response.ErrorCode, null);

    protected override Guid Read(GetTelemetrySubscriptionsResponse response) => response.ClientInstanceId;
}
