using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Describes classic groups with their members.</summary>
internal sealed class DescribeGroupsHandler(GroupCoordinator groups) : RequestHandler<DescribeGroupsRequest, DescribeGroupsResponse>(Apis.DescribeGroups)
{
    private const short FirstVersionWithNotFound = 6;

    protected override DescribeGroupsResponse Handle(DescribeGroupsRequest request, RequestContext context) => new()
    {
        Groups = [.. request.Groups.Select(id => Describe(id, request.IncludeAuthorizedOperations, context))],
    };

    protected override DescribeGroupsResponse Fail(DescribeGroupsRequest request, ErrorCode error, RequestContext context) => new()
    {
        Groups = [.. request.Groups.Select(id => Failed(id, error, context))],
    };

    private DescribeGroupsResponse.DescribedGroup Describe(string id, bool withOperations, RequestContext context)
    {
        ErrorCode error = groups.Check(id, context);
        if (error != ErrorCode.None)
        {
            return Failed(id, error, context);
        }

        if (groups.Find(id)?.DescribeClassic() is not { } described)
        {
            DescribeGroupsResponse.DescribedGroup dead = Failed(id, context.Version >= FirstVersionWithNotFound ? ErrorCode.GroupIdNotFound : ErrorCode.None, context);
            dead.GroupState = nameof(GroupState.Dead);
            return dead;
        }

        described.AuthorizedOperations = withOperations ? AuthorizedOperations.Of(ResourceType.Group, id, context) : AuthorizedOperations.NotAsked;
        return described;
    }

    private static DescribeGroupsResponse.DescribedGroup Failed(string id, ErrorCode error, RequestContext context) => new()
    {
        GroupId = id,
        ErrorCode = error,
        ErrorMessage = error == ErrorCode.None || context.Version < FirstVersionWithNotFound ? null : error.Meaning(),
    };
}
