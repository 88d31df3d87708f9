using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells which producers have written to partitions that this broker leads, and which transactions are open there.</summary>
internal sealed class DescribeProducersHandler() : RequestHandler<DescribeProducersRequest, DescribeProducersResponse>(Apis.DescribeProducers)
{
    protected override DescribeProducersResponse Handle(DescribeProducersRequest request, RequestContext context) =>
        Answer(request, (topic, partition) => Describe(topic, partition, context));

    protected override DescribeProducersResponse Fail(DescribeProducersRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, (_, partition) => Failed(partition, error));

    protected override IEnumerable<(string Topic, int? Partition)> Targets(DescribeProducersRequest request, RequestContext context) =>
        request.Topics.SelectMany(topic => topic.PartitionIndexes, (topic, partition) => (topic.Name, (int?)partition));

    private static DescribeProducersResponse Answer(DescribeProducersRequest request, Func<string, int, DescribeProducersResponse.PartitionResponse> describe) => new()
    {
        Topics = [.. request.Topics.Select(topic => new DescribeProducersResponse.TopicResponse
        {
            Name = topic.Name,
            Partitions = [.. topic.PartitionIndexes.Select(partition => describe(topic.Name, partition))],
        })],
    };

    private static DescribeProducersResponse.PartitionResponse Failed(int partition, ErrorCode error) => new()
    {
        PartitionIndex = partition,
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };

    private static DescribeProducersResponse.PartitionResponse Describe(string topic, int index, RequestContext context)
    {
        PartitionState? partition = context.Cluster.Topic(topic)?.Partition(index);
        ErrorCode error = context.ErrorBefore(topic, index)
            ?? context.ErrorAfter(topic, index)
            ?? partition?.CheckLeader(context.Broker.Id, -1)
            ?? ErrorCode.UnknownTopicOrPartition;
        return error != ErrorCode.None
            ? Failed(index, error)
            : new DescribeProducersResponse.PartitionResponse { PartitionIndex = index, ActiveProducers = [.. partition!.DescribeProducers()] };
    }
}
