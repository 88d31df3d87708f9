using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Groups.Share;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Sets from where share groups would read.</summary>
internal sealed class AlterShareGroupOffsetsHandler(GroupCoordinator groups)
    : RequestHandler<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse>(Apis.AlterShareGroupOffsets)
{
    protected override AlterShareGroupOffsetsResponse Handle(AlterShareGroupOffsetsRequest request, RequestContext context)
    {
        ErrorCode error = groups.Check(request.GroupId, context);
        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        if (groups.Share.Find(request.GroupId) is not { } group)
        {
            return Fail(request, ErrorCode.GroupIdNotFound, context);
        }

        return new AlterShareGroupOffsetsResponse
        {
            Responses = [.. request.Topics.Select(topic => new AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponseTopic
            {
                TopicName = topic.TopicName,
                TopicId = context.Cluster.Topic(topic.TopicName)?.Id ?? Guid.Empty,
                Partitions = [.. topic.Partitions.Select(partition => Alter(group, topic.TopicName, partition, context))],
            })],
        };
    }

    protected override AlterShareGroupOffsetsResponse Fail(AlterShareGroupOffsetsRequest request, ErrorCode error, RequestContext context) =>
        new() { ErrorCode = error, ErrorMessage = error.Meaning() };

    private static AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponsePartition Alter(
        ShareGroup group, string name, AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition wanted, RequestContext context)
    {
        ErrorCode error = context.TopicRefusal(name)
            ?? (context.Cluster.Topic(name)?.Partition(wanted.PartitionIndex) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
        if (error == ErrorCode.None)
        {
            group.SetStart(context.Cluster.Topic(name)!.Id, wanted.PartitionIndex, wanted.StartOffset);
        }

        return new() { PartitionIndex = wanted.PartitionIndex, ErrorCode = error, ErrorMessage = error == ErrorCode.None ? null : error.Meaning() };
    }
}
