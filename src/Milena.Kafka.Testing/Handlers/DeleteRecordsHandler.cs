using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Moves the start of logs forward.</summary>
internal sealed class DeleteRecordsHandler() : RequestHandler<DeleteRecordsRequest, DeleteRecordsResponse>(Apis.DeleteRecords)
{
    protected override DeleteRecordsResponse Handle(DeleteRecordsRequest request, RequestContext context) =>
        Answer(request, (topic, asked) => Delete(topic, asked, context));

    protected override DeleteRecordsResponse Fail(DeleteRecordsRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, (_, asked) => Result(asked, error, -1));

    protected override IEnumerable<(string Topic, int? Partition)> Targets(DeleteRecordsRequest request, RequestContext context) =>
        request.Topics.SelectMany(topic => topic.Partitions, (topic, partition) => (topic.Name, (int?)partition.PartitionIndex));

    private static DeleteRecordsResponse Answer(
        DeleteRecordsRequest request,
        Func<string, DeleteRecordsRequest.DeleteRecordsPartition, DeleteRecordsResponse.DeleteRecordsPartitionResult> answer) => new()
        {
            Topics = [.. request.Topics.Select(topic => new DeleteRecordsResponse.DeleteRecordsTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => answer(topic.Name, partition))],
            })],
        };

    private static DeleteRecordsResponse.DeleteRecordsPartitionResult Delete(
        string topic,
        DeleteRecordsRequest.DeleteRecordsPartition asked,
        RequestContext context)
    {
        if (context.ErrorBefore(topic, asked.PartitionIndex) is { } planned)
        {
            return Result(asked, planned, -1);
        }

        if (context.Cluster.Topic(topic)?.Partition(asked.PartitionIndex) is not { } partition)
        {
            return Result(asked, ErrorCode.UnknownTopicOrPartition, -1);
        }

        if (!partition.Topic.Configs.IsDeleted)
        {
            return Result(asked, ErrorCode.PolicyViolation, -1);
        }

        (ErrorCode error, long lowWatermark) = partition.DeleteBefore(context.Broker.Id, asked.Offset);
        return context.ErrorAfter(topic, asked.PartitionIndex) is { } afterwards ? Result(asked, afterwards, -1) : Result(asked, error, lowWatermark);
    }

    private static DeleteRecordsResponse.DeleteRecordsPartitionResult Result(
        DeleteRecordsRequest.DeleteRecordsPartition asked,
        ErrorCode error,
        long lowWatermark) => new()
        {
            PartitionIndex = asked.PartitionIndex,
            ErrorCode = error,
            LowWatermark = lowWatermark,
        };
}
