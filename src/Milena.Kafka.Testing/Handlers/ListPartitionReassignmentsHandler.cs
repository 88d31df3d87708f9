using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Lists moves of partitions that are under way (KIP-455).</summary>
internal sealed class ListPartitionReassignmentsHandler()
    : RequestHandler<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(Apis.ListPartitionReassignments)
{
    protected override ListPartitionReassignmentsResponse Handle(ListPartitionReassignmentsRequest request, RequestContext context)
    {
        Dictionary<string, List<int>>? wanted = request.Topics?.ToDictionary(topic => topic.Name, topic => topic.PartitionIndexes);
        IEnumerable<PartitionState> moving = context.Cluster.Topics
            .SelectMany(topic => topic.Partitions)
            .Where(partition => partition.Leadership.IsMoving)
            .Where(partition => wanted is null || (wanted.TryGetValue(partition.Topic.Name, out List<int>? indexes) && indexes.Contains(partition.Index)));
        return new ListPartitionReassignmentsResponse
        {
            ErrorMessage = null,
            Topics = [.. moving.GroupBy(partition => partition.Topic.Name).Select(topic => new ListPartitionReassignmentsResponse.OngoingTopicReassignment
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(Describe)],
            })],
        };
    }

    protected override ListPartitionReassignmentsResponse Fail(ListPartitionReassignmentsRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };

    private static ListPartitionReassignmentsResponse.OngoingPartitionReassignment Describe(PartitionState partition)
    {
        Leadership leadership = partition.Leadership;
        return new ListPartitionReassignmentsResponse.OngoingPartitionReassignment
        {
            PartitionIndex = partition.Index,
            Replicas = [.. leadership.Replicas],
            AddingReplicas = [.. leadership.Adding],
            RemovingReplicas = [.. leadership.Removing],
        };
    }
}
