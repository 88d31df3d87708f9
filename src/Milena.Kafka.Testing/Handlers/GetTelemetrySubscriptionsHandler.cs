using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Gives clients the id by which their metrics would be known (KIP-714), and asks for no metrics: nobody would look at them.</summary>
internal sealed class GetTelemetrySubscriptionsHandler() : RequestHandler<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse>(Apis.GetTelemetrySubscriptions)
{
    // Kafka's defaults.
    private const int PushIntervalMs = 5 * 60 * 1000;
    private const int TelemetryMaxBytes = 1024 * 1024;

    protected override GetTelemetrySubscriptionsResponse Handle(GetTelemetrySubscriptionsRequest request, RequestContext context) => new()
    {
        ClientInstanceId = request.ClientInstanceId == Guid.Empty ? context.Cluster.NextGuid() : request.ClientInstanceId,
        AcceptedCompressionTypes = [(sbyte)CompressionType.Zstd, (sbyte)CompressionType.Lz4, (sbyte)CompressionType.Gzip, (sbyte)CompressionType.Snappy],
        PushIntervalMs = PushIntervalMs,
        TelemetryMaxBytes = TelemetryMaxBytes,
        DeltaTemporality = true,
    };

    protected override GetTelemetrySubscriptionsResponse Fail(GetTelemetrySubscriptionsRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };
}
