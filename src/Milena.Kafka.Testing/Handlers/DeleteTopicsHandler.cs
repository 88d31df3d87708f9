using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Deletes topics, by name or by id.</summary>
internal sealed class DeleteTopicsHandler() : RequestHandler<DeleteTopicsRequest, DeleteTopicsResponse>(Apis.DeleteTopics)
{
    private const short FirstStrictVersion = 5;

    protected override DeleteTopicsResponse Handle(DeleteTopicsRequest request, RequestContext context) => new()
    {
        Responses = [.. Wanted(request).Select(topic => Delete(topic.Name, topic.Id, context))],
    };

    protected override DeleteTopicsResponse Fail(DeleteTopicsRequest request, ErrorCode error, RequestContext context) => new()
    {
        Responses = [.. Wanted(request).Select(topic => Failed(topic.Name, topic.Id, error))],
    };

    private static IEnumerable<(string? Name, Guid Id)> Wanted(DeleteTopicsRequest request) =>
        request.TopicNames.Select(name => ((string?)name, Guid.Empty)).Concat(request.Topics.Select(topic => (topic.Name, topic.TopicId)));

    private static DeleteTopicsResponse.DeletableTopicResult Delete(string? name, Guid id, RequestContext context)
    {
        if (name is null == (id == Guid.Empty))
        {
            return Failed(name, id, ErrorCode.InvalidRequest);
        }

        TopicState? topic = name is null ? context.Cluster.Topic(id) : context.Cluster.Topic(name);
        if (topic is not null && context.TopicRefusal(topic.Name) is { } refusal)
        {
            return Failed(name, id, refusal);
        }

        if (topic is not null && context.MutationRefusal(topic.Partitions.Count, FirstStrictVersion) is { } tooMany)
        {
            return Failed(name, id, tooMany.Code);
        }

        if (topic is null || !context.Cluster.DeleteTopic(topic))
        {
            return Failed(name, id, name is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition);
        }

        return new DeleteTopicsResponse.DeletableTopicResult { Name = topic.Name, TopicId = topic.Id };
    }

    private static DeleteTopicsResponse.DeletableTopicResult Failed(string? name, Guid id, ErrorCode error) => new()
    {
        Name = name,
        TopicId = id,
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };
}
