using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Describes groups of the KIP-848 protocol with their members.</summary>
internal sealed class ConsumerGroupDescribeHandler(GroupCoordinator groups)
    : RequestHandler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(Apis.ConsumerGroupDescribe)
{
    protected override ConsumerGroupDescribeResponse Handle(ConsumerGroupDescribeRequest request, RequestContext context) =>
        groups.ServesConsumerProtocol
            ? new ConsumerGroupDescribeResponse { Groups = [.. request.GroupIds.Select(id => Describe(id, request.IncludeAuthorizedOperations, context))] }
            : Fail(request, ErrorCode.UnsupportedVersion, context);

    protected override ConsumerGroupDescribeResponse Fail(ConsumerGroupDescribeRequest request, ErrorCode error, RequestContext context) => new()
    {
        Groups = [.. request.GroupIds.Select(id => Failed(id, error, error.Meaning()))],
    };

    private ConsumerGroupDescribeResponse.DescribedGroup Describe(string id, bool withOperations, RequestContext context)
    {
        ErrorCode error = groups.Check(id, context);
        if (error != ErrorCode.None)
        {
            return Failed(id, error, error.Meaning());
        }

        Group? group = groups.Find(id);
        if (group?.DescribeConsumer() is not { } described)
        {
            return Failed(id, ErrorCode.GroupIdNotFound, group is null ? $"Group {id} not found." : $"Group {id} is not a consumer group.");
        }

        if (described.Members.Exists(member => !MaySee(member, context)))
        {
            return Failed(id, ErrorCode.TopicAuthorizationFailed, "The group has described topic(s) that the client is not authorized to describe.");
        }

        described.AuthorizedOperations = withOperations ? AuthorizedOperations.Of(ResourceType.Group, id, context) : AuthorizedOperations.NotAsked;
        return described;
    }

    private static bool MaySee(ConsumerGroupDescribeResponse.Member member, RequestContext context) =>
        member.Assignment.TopicPartitions
            .Concat(member.TargetAssignment.TopicPartitions)
            .All(topic => context.Allows(ResourceType.Topic, topic.TopicName, AclOperation.Describe));

    private static ConsumerGroupDescribeResponse.DescribedGroup Failed(string id, ErrorCode error, string? message) => new()
    {
        GroupId = id,
        ErrorCode = error,
        ErrorMessage = message,
    };
}
