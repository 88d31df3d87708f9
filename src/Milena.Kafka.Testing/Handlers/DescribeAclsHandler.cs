using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Lists rules, by resource.</summary>
internal sealed class DescribeAclsHandler() : RequestHandler<DescribeAclsRequest, DescribeAclsResponse>(Apis.DescribeAcls)
{
    protected override DescribeAclsResponse Handle(DescribeAclsRequest request, RequestContext context)
    {
        var filter = new TestAclFilter(
            (ResourceType)request.ResourceTypeFilter,
            request.ResourceNameFilter,
            (PatternType)request.PatternTypeFilter,
            request.PrincipalFilter,
            request.HostFilter,
            (AclOperation)request.Operation,
            (AclPermissionType)request.PermissionType);
        ErrorCode? refusal = context.AclRefusal(AclOperation.Describe) ?? (filter.IsKnown ? null : ErrorCode.InvalidRequest);
        if (refusal is { } error)
        {
            return Fail(request, error, context);
        }

        return new DescribeAclsResponse
        {
            Resources = [.. context.Security.Authorizer!.Find(filter)
                .GroupBy(acl => (acl.Resource, acl.Name, acl.Pattern))
                .Select(group => new DescribeAclsResponse.DescribeAclsResource
                {
                    ResourceType = (sbyte)group.Key.Resource,
                    ResourceName = group.Key.Name,
                    PatternType = (sbyte)group.Key.Pattern,
                    Acls = [.. group.Select(acl => new DescribeAclsResponse.AclDescription
                    {
                        Principal = acl.Principal,
                        Host = acl.Host,
                        Operation = (sbyte)acl.Operation,
                        PermissionType = (sbyte)acl.Permission,
                    })],
                })],
        };
    }

    protected override DescribeAclsResponse Fail(DescribeAclsRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };
}
