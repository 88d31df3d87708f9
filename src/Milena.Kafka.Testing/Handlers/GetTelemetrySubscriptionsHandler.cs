using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Telemetry;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells clients the id by which their metrics are known, and which metrics are wanted of them (KIP-714).</summary>
internal sealed class GetTelemetrySubscriptionsHandler(ClientTelemetry telemetry)
    : RequestHandler<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse>(Apis.GetTelemetrySubscriptions)
{
    protected override GetTelemetrySubscriptionsResponse Handle(GetTelemetrySubscriptionsRequest request, RequestContext context)
    {
        Guid instanceId = request.ClientInstanceId == Guid.Empty ? context.Cluster.NextGuid() : request.ClientInstanceId;
        (ErrorCode error, MetricsDemand demand) = telemetry.Ask(instanceId, context);
        return error != ErrorCode.None ? Fail(request, error, context) : new GetTelemetrySubscriptionsResponse
        {
            ClientInstanceId = instanceId,
            SubscriptionId = demand.Id,
            RequestedMetrics = [.. demand.Metrics],
            AcceptedCompressionTypes = [(sbyte)CompressionType.Zstd, (sbyte)CompressionType.Lz4, (sbyte)CompressionType.Gzip, (sbyte)CompressionType.Snappy],
            PushIntervalMs = (int)demand.Interval.TotalMilliseconds,
            TelemetryMaxBytes = ClientTelemetry.MaxBytes,
            DeltaTemporality = true,
        };
    }

    protected override GetTelemetrySubscriptionsResponse Fail(GetTelemetrySubscriptionsRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };
}
