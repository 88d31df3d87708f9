using System.Buffers;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Telemetry;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Takes the metrics that clients push (KIP-714). Nothing becomes of them: they stand in the record of what arrived.</summary>
internal sealed class PushTelemetryHandler(ClientTelemetry telemetry) : RequestHandler<PushTelemetryRequest, PushTelemetryResponse>(Apis.PushTelemetry)
{
    private const int MaxDecompressedBytes = 64 * ClientTelemetry.MaxBytes;

    protected override PushTelemetryResponse Handle(PushTelemetryRequest request, RequestContext context)
    {
        if (request.ClientInstanceId == Guid.Empty)
        {
            return Fail(request, ErrorCode.InvalidRequest, context);
        }

        var push = new MetricsPush(request.SubscriptionId, (CompressionType)request.CompressionType, request.Metrics.Length, request.Terminating);
        ErrorCode error = telemetry.Push(request.ClientInstanceId, push, context);
        return Fail(request, error == ErrorCode.None && !IsReadable(request, context) ? ErrorCode.InvalidRecord : error, context);
    }

    protected override PushTelemetryResponse Fail(PushTelemetryRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };

    private static bool IsReadable(PushTelemetryRequest request, RequestContext context)
    {
        var type = (CompressionType)request.CompressionType;
        if (type == CompressionType.None || request.Metrics.IsEmpty || !context.Cluster.Options.Codecs.TryGet(type, out Compression.ICompressionCodec? codec))
        {
            return true;
        }

        try
        {
            codec.Decompress(request.Metrics, new ArrayBufferWriter<byte>(), MaxDecompressedBytes);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
