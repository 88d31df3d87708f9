using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Adds rules.</summary>
internal sealed class CreateAclsHandler() : RequestHandler<CreateAclsRequest, CreateAclsResponse>(Apis.CreateAcls)
{
    protected override CreateAclsResponse Handle(CreateAclsRequest request, RequestContext context)
    {
        if (context.AclRefusal(AclOperation.Alter) is { } refusal)
        {
            return Fail(request, refusal, context);
        }

        return new CreateAclsResponse { Results = [.. request.Creations.Select(creation => Create(creation, context))] };
    }

    protected override CreateAclsResponse Fail(CreateAclsRequest request, ErrorCode error, RequestContext context) => new()
    {
        Results = [.. request.Creations.Select(_ => Failed(error, error.Meaning()))],
    };

    private static CreateAclsResponse.AclCreationResult Create(CreateAclsRequest.AclCreation creation, RequestContext context)
    {
        var acl = new TestAcl(
            (ResourceType)creation.ResourceType,
            creation.ResourceName,
            creation.Principal,
            (AclOperation)creation.Operation,
            (AclPermissionType)creation.PermissionType,
            (PatternType)creation.ResourcePatternType,
            creation.Host);
        if (FaultOf(acl) is { } fault)
        {
            return Failed(ErrorCode.InvalidRequest, fault);
        }

        context.Security.Authorizer!.Add(acl);
        return new CreateAclsResponse.AclCreationResult();
    }

    private static string? FaultOf(TestAcl acl)
    {
        if (!Enum.IsDefined(acl.Resource) || acl.Resource is ResourceType.Unknown or ResourceType.Any || acl.Name.Length == 0)
        {
            return "The resource must be of a known kind and have a name.";
        }

        if (acl.Pattern is not (PatternType.Literal or PatternType.Prefixed))
        {
            return "The pattern type must be literal or prefixed.";
        }

        if (acl.Resource == ResourceType.Cluster && acl.Name != RequestContext.ClusterName)
        {
            return "The only valid name for the CLUSTER resource is kafka-cluster.";
        }

        if (!Enum.IsDefined(acl.Operation) || acl.Operation is AclOperation.Unknown or AclOperation.Any
            || acl.Permission is not (AclPermissionType.Allow or AclPermissionType.Deny))
        {
            return "The operation and the permission must be known ones.";
        }

        return acl.Principal.Contains(':', StringComparison.Ordinal) ? null : "The principal must be of the form type:name.";
    }

    private static CreateAclsResponse.AclCreationResult Failed(ErrorCode error, string message) => new() { ErrorCode = error, ErrorMessage = message };
}
