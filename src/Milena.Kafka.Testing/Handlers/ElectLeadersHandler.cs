using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Has leaders elected, of some partitions or of all.</summary>
internal sealed class ElectLeadersHandler(TransactionCoordinator transactions) : RequestHandler<ElectLeadersRequest, ElectLeadersResponse>(Apis.ElectLeaders)
{
    protected override ElectLeadersResponse Handle(ElectLeadersRequest request, RequestContext context)
    {
        var type = (ElectionType)request.ElectionType;
        if (type is not (ElectionType.Preferred or ElectionType.Unclean))
        {
            return Fail(request, ErrorCode.InvalidRequest, context);
        }

        bool isForAll = request.TopicPartitions is null;
        IEnumerable<(string Topic, IEnumerable<int> Partitions)> wanted = request.TopicPartitions is { } named
            ? named.Select(topic => (topic.Topic, (IEnumerable<int>)topic.Partitions))
            : context.Cluster.Topics.Select(topic => (topic.Name, topic.Partitions.Select(partition => partition.Index)));
        var response = new ElectLeadersResponse
        {
            ReplicaElectionResults = [.. wanted.Select(topic => new ElectLeadersResponse.ReplicaElectionResult
            {
                Topic = topic.Topic,
                PartitionResult = [.. topic.Partitions
                    .Select(partition => (Index: partition, Refusal: Elect(topic.Topic, partition, type, context.Cluster)))
                    .Where(result => !isForAll || result.Refusal is not { Code: ErrorCode.ElectionNotNeeded })
                    .Select(result => new ElectLeadersResponse.PartitionResult
                    {
                        PartitionId = result.Index,
                        ErrorCode = result.Refusal?.Code ?? ErrorCode.None,
                        ErrorMessage = result.Refusal?.Message,
                    })],
            })],
        };

        // A partition without a leader may have kept a transaction from its end.
        transactions.ContinueAll();
        return response;
    }

    protected override ElectLeadersResponse Fail(ElectLeadersRequest request, ErrorCode error, RequestContext context)
    {
        if (context.Version >= 1)
        {
            return new ElectLeadersResponse { ErrorCode = error };
        }

        return new ElectLeadersResponse
        {
            ReplicaElectionResults = [.. (request.TopicPartitions ?? []).Select(topic => new ElectLeadersResponse.ReplicaElectionResult
            {
                Topic = topic.Topic,
                PartitionResult = [.. topic.Partitions.Select(partition => new ElectLeadersResponse.PartitionResult { PartitionId = partition, ErrorCode = error, ErrorMessage = error.Meaning() })],
            })],
        };
    }

    private static Refusal? Elect(string topic, int partition, ElectionType type, ClusterState cluster) =>
        cluster.Topic(topic) is not { } state
            ? new Refusal(ErrorCode.UnknownTopicOrPartition, $"No such topic as {topic}")
            : state.Partition(partition) is { } found
                ? cluster.ElectLeader(found, type)
                : new Refusal(ErrorCode.UnknownTopicOrPartition, $"No such partition as {topic}-{partition}");
}
