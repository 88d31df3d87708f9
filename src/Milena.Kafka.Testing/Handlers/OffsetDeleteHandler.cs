using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Forgets positions of topics that no member of the group reads.</summary>
internal sealed class OffsetDeleteHandler(GroupCoordinator groups) : RequestHandler<OffsetDeleteRequest, OffsetDeleteResponse>(Apis.OffsetDelete)
{
    protected override OffsetDeleteResponse Handle(OffsetDeleteRequest request, RequestContext context)
    {
        ErrorCode error = groups.Check(request.GroupId, context);
        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        if (groups.Find(request.GroupId) is not { } group)
        {
            return Fail(request, ErrorCode.GroupIdNotFound, context);
        }

        error = group.CheckDelete();
        return error != ErrorCode.None
            ? Fail(request, error, context)
            : new OffsetDeleteResponse
            {
                Topics = [.. request.Topics.Select(topic => new OffsetDeleteResponse.OffsetDeleteResponseTopic
                {
                    Name = topic.Name,
                    Partitions = [.. topic.Partitions.Select(partition => new OffsetDeleteResponse.OffsetDeleteResponsePartition
                    {
                        PartitionIndex = partition.PartitionIndex,
                        ErrorCode = Delete(group, topic.Name, partition.PartitionIndex, context),
                    })],
                })],
            };
    }

    protected override OffsetDeleteResponse Fail(OffsetDeleteRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };

    protected override IEnumerable<(string Topic, int? Partition)> Targets(OffsetDeleteRequest request, RequestContext context) =>
        request.Topics.SelectMany(topic => topic.Partitions, (topic, partition) => (topic.Name, (int?)partition.PartitionIndex));

    private static ErrorCode Delete(Group group, string topic, int partition, RequestContext context)
    {
        if (context.ErrorBefore(topic, partition) is { } planned)
        {
            return planned;
        }

        // As in Kafka: the check stands before the one whether the partition exists.
        if (group.IsSubscribedTo(topic))
        {
            return ErrorCode.GroupSubscribedToTopic;
        }

        if (context.Cluster.Topic(topic)?.Partition(partition) is null)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }

        group.Offsets.Delete(topic, partition);
        return context.ErrorAfter(topic, partition) ?? ErrorCode.None;
    }
}
