using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Removes the rules that match filters.</summary>
internal sealed class DeleteAclsHandler() : RequestHandler<DeleteAclsRequest, DeleteAclsResponse>(Apis.DeleteAcls)
{
    protected override DeleteAclsResponse Handle(DeleteAclsRequest request, RequestContext context) =>
        context.AclRefusal(AclOperation.Alter) is { } refusal
            ? Fail(request, refusal, context)
            : new DeleteAclsResponse { FilterResults = [.. request.Filters.Select(filter => Delete(filter, context))] };

    protected override DeleteAclsResponse Fail(DeleteAclsRequest request, ErrorCode error, RequestContext context) => new()
    {
        FilterResults = [.. request.Filters.Select(_ => Failed(error))],
    };

    private static DeleteAclsResponse.DeleteAclsFilterResult Delete(DeleteAclsRequest.DeleteAclsFilter wanted, RequestContext context)
    {
        var filter = new TestAclFilter(
            (ResourceType)wanted.ResourceTypeFilter,
            wanted.ResourceNameFilter,
            (PatternType)wanted.PatternTypeFilter,
            wanted.PrincipalFilter,
            wanted.HostFilter,
            (AclOperation)wanted.Operation,
            (AclPermissionType)wanted.PermissionType);
        if (!filter.IsKnown)
        {
            return Failed(ErrorCode.InvalidRequest);
        }

        return new DeleteAclsResponse.DeleteAclsFilterResult
        {
            MatchingAcls = [.. context.Security.Authorizer!.Remove(filter).Select(acl => new DeleteAclsResponse.DeleteAclsMatchingAcl
            {
                ResourceType = (sbyte)acl.Resource,
                ResourceName = acl.Name,
                PatternType = (sbyte)acl.Pattern,
                Principal = acl.Principal,
                Host = acl.Host,
                Operation = (sbyte)acl.Operation,
                PermissionType = (sbyte)acl.Permission,
            })],
        };
    }

    private static DeleteAclsResponse.DeleteAclsFilterResult Failed(ErrorCode error) => new() { ErrorCode = error, ErrorMessage = error.Meaning() };
}
