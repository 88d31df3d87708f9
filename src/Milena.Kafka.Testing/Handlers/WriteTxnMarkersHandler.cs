using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Ends transactions in the partitions that this broker leads, whatever their coordinator knows: an administrator's way out of a hanging one.</summary>
internal sealed class WriteTxnMarkersHandler() : RequestHandler<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(Apis.WriteTxnMarkers)
{
    private const sbyte EpochPerTransaction = 2;

    protected override WriteTxnMarkersResponse Handle(WriteTxnMarkersRequest request, RequestContext context) =>
        MayWrite(context) ? Answer(request, (marker, topic, partition) => Write(marker, topic, partition, context)) : Fail(request, ErrorCode.ClusterAuthorizationFailed, context);

    protected override WriteTxnMarkersResponse Fail(WriteTxnMarkersRequest request, ErrorCode error, RequestContext context) => Answer(request, (_, _, _) => error);

    protected override IEnumerable<(string Topic, int? Partition)> Targets(WriteTxnMarkersRequest request, RequestContext context) =>
        request.Markers
            .SelectMany(marker => marker.Topics)
            .SelectMany(topic => topic.PartitionIndexes, (topic, partition) => (topic.Name, (int?)partition));

    private static WriteTxnMarkersResponse Answer(WriteTxnMarkersRequest request, Func<WriteTxnMarkersRequest.WritableTxnMarker, string, int, ErrorCode> write) => new()
    {
        Markers = [.. request.Markers.Select(marker => new WriteTxnMarkersResponse.WritableTxnMarkerResult
        {
            ProducerId = marker.ProducerId,
            Topics = [.. marker.Topics.Select(topic => new WriteTxnMarkersResponse.WritableTxnMarkerTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.PartitionIndexes.Select(partition => new WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult
                {
                    PartitionIndex = partition,
                    ErrorCode = write(marker, topic.Name, partition),
                })],
            })],
        })],
    };

    private static bool MayWrite(RequestContext context) =>
        context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.Alter) || context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.ClusterAction);

    private static ErrorCode Write(WriteTxnMarkersRequest.WritableTxnMarker request, string topic, int index, RequestContext context)
    {
        if (context.ErrorBefore(topic, index) is { } planned)
        {
            return planned;
        }

        if (context.Cluster.Topic(topic)?.Partition(index) is not { } partition)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }

        var marker = new TransactionMarker(
            new ProducerIdentity(request.ProducerId, request.ProducerEpoch),
            request.TransactionResult,
            request.CoordinatorEpoch,
            MustHaveNewEpoch: request.TransactionVersion >= EpochPerTransaction);
        ErrorCode error = partition.End(context.Broker.Id, marker, context.Cluster.Time);
        return context.ErrorAfter(topic, index) ?? error;
    }
}
