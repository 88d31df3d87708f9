using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Describes share groups, in which there is nobody.</summary>
internal sealed class ShareGroupDescribeHandler(GroupCoordinator groups)
    : RequestHandler<ShareGroupDescribeRequest, ShareGroupDescribeResponse>(Apis.ShareGroupDescribe)
{
    protected override ShareGroupDescribeResponse Handle(ShareGroupDescribeRequest request, RequestContext context) => new()
    {
        Groups = [.. request.GroupIds.Select(id => Describe(id, request.IncludeAuthorizedOperations, context))],
    };

    protected override ShareGroupDescribeResponse Fail(ShareGroupDescribeRequest request, ErrorCode error, RequestContext context) => new()
    {
        Groups = [.. request.GroupIds.Select(id => Failed(id, error, error.Meaning()))],
    };

    private ShareGroupDescribeResponse.DescribedGroup Describe(string id, bool withOperations, RequestContext context)
    {
        ErrorCode error = groups.Check(id, context);
        if (error != ErrorCode.None)
        {
            return Failed(id, error, error.Meaning());
        }

        return groups.Share.Find(id) is null
            ? Failed(id, ErrorCode.GroupIdNotFound, $"Group {id} is not a share group.")
            : new ShareGroupDescribeResponse.DescribedGroup
            {
                GroupId = id,
                GroupState = nameof(GroupState.Empty),
                AssignorName = "simple",
                AuthorizedOperations = withOperations ? AuthorizedOperations.Of(ResourceType.Group, id, context) : AuthorizedOperations.NotAsked,
            };
    }

    private static ShareGroupDescribeResponse.DescribedGroup Failed(string id, ErrorCode error, string message) => new()
    {
        GroupId = id,
        ErrorCode = error,
        ErrorMessage = message,
    };
}
