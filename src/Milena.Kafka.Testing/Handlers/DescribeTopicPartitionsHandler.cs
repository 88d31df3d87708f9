using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells topics and their partitions page by page, in the order of names (KIP-966).</summary>
internal sealed class DescribeTopicPartitionsHandler() : RequestHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(Apis.DescribeTopicPartitions)
{
    // Kafka calls this max.request.partition.size.limit.
    private const int HighestLimit = 2000;

    protected override DescribeTopicPartitionsResponse Handle(DescribeTopicPartitionsRequest request, RequestContext context)
    {
        string from = request.Cursor?.TopicName ?? "";
        bool isForAll = request.Topics.Count == 0;
        string[] names = isForAll
            ? [.. context.Cluster.Topics.Select(topic => topic.Name).Where(name => context.TopicRefusal(name) is null)]
            : [.. request.Topics.Select(topic => topic.Name)];
        if (request.Cursor is { } cursor && ((!isForAll && !names.Contains(cursor.TopicName)) || cursor.PartitionIndex < 0))
        {
            return Fail(request, ErrorCode.InvalidRequest, context);
        }

        var response = new DescribeTopicPartitionsResponse { NextCursor = null };
        int room = Math.Clamp(request.ResponsePartitionLimit, 1, HighestLimit);
        foreach (string name in names.Distinct().Where(name => string.CompareOrdinal(name, from) >= 0).Order(StringComparer.Ordinal))
        {
            int first = name == from ? request.Cursor!.PartitionIndex : 0;
            if (room == 0)
            {
                response.NextCursor = new DescribeTopicPartitionsResponse.Cursor { TopicName = name, PartitionIndex = first };
                break;
            }

            DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic topic = Describe(name, first, room, context);
            response.Topics.Add(topic);
            room -= topic.Partitions.Count;
            if (first + topic.Partitions.Count is var next && context.Cluster.Topic(name)?.Partition(next) is not null && topic.ErrorCode == ErrorCode.None)
            {
                response.NextCursor = new DescribeTopicPartitionsResponse.Cursor { TopicName = name, PartitionIndex = next };
                break;
            }
        }

        return response;
    }

    protected override DescribeTopicPartitionsResponse Fail(DescribeTopicPartitionsRequest request, ErrorCode error, RequestContext context) => new()
    {
        Topics = [.. request.Topics.Select(topic => Failed(topic.Name, error))],
        NextCursor = null,
    };

    protected override IEnumerable<(string Topic, int? Partition)> Targets(DescribeTopicPartitionsRequest request, RequestContext context) =>
        request.Topics.Select(topic => (topic.Name, (int?)null));

    private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Describe(string name, int first, int room, RequestContext context)
    {
        if (context.ErrorBefore(name, -1) is { } error)
        {
            return Failed(name, error);
        }

        if (context.Cluster.Topic(name) is not { } topic)
        {
            return Failed(name, TopicName.Fault(name) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopicException);
        }

        return new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic
        {
            Name = topic.Name,
            TopicId = topic.Id,
            Partitions = [.. topic.Partitions.Skip(first).Take(room).Select(partition => Describe(partition, context))],
            TopicAuthorizedOperations = AuthorizedOperations.Of(ResourceType.Topic, topic.Name, context),
        };
    }

    private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition Describe(PartitionState partition, RequestContext context)
    {
        Leadership leadership = partition.Leadership;
        return new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition
        {
            PartitionIndex = partition.Index,
            ErrorCode = leadership.Leader < 0 ? ErrorCode.LeaderNotAvailable : ErrorCode.None,
            LeaderId = leadership.Leader,
            LeaderEpoch = leadership.Epoch,
            ReplicaNodes = [.. leadership.Replicas],
            IsrNodes = [.. leadership.InSync],
            EligibleLeaderReplicas = [.. leadership.Eligible],
            LastKnownElr = [],
            OfflineReplicas = [.. leadership.Replicas.Where(id => !context.Cluster.IsAlive(id))],
        };
    }

    private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Failed(string name, ErrorCode error) => new() { Name = name, ErrorCode = error };
}
