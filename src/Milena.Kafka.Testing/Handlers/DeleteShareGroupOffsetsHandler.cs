using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Groups.Share;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Has share groups forget topics.</summary>
internal sealed class DeleteShareGroupOffsetsHandler(GroupCoordinator groups)
    : RequestHandler<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse>(Apis.DeleteShareGroupOffsets)
{
    protected override DeleteShareGroupOffsetsResponse Handle(DeleteShareGroupOffsetsRequest request, RequestContext context)
    {
        ErrorCode error = groups.Check(request.GroupId, context);
        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        return groups.Share.Find(request.GroupId) is { } group
            ? new DeleteShareGroupOffsetsResponse { Responses = [.. request.Topics.Select(topic => Delete(group, topic.TopicName, context))] }
            : Fail(request, ErrorCode.GroupIdNotFound, context);
    }

    protected override DeleteShareGroupOffsetsResponse Fail(DeleteShareGroupOffsetsRequest request, ErrorCode error, RequestContext context) =>
        new() { ErrorCode = error, ErrorMessage = error.Meaning() };

    private static DeleteShareGroupOffsetsResponse.DeleteShareGroupOffsetsResponseTopic Delete(ShareGroup group, string name, RequestContext context)
    {
        TopicState? topic = context.Cluster.Topic(name);
        ErrorCode error = context.TopicRefusal(name) ?? (topic is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
        if (error == ErrorCode.None)
        {
            group.Forget(topic!.Id);
        }

        return new() { TopicName = name, TopicId = topic?.Id ?? Guid.Empty, ErrorCode = error, ErrorMessage = error == ErrorCode.None ? null : error.Meaning() };
    }
}
