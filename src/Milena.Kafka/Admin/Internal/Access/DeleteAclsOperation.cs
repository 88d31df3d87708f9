using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Removes the rules that match filters.</summary>
internal sealed class DeleteAclsOperation : Operation<AclFilter, DeleteAclsRequest, DeleteAclsResponse, AdminOutcome<AclBinding>>
{
    public override Api Api => Apis.DeleteAcls;

    public override Route RouteOf(AclFilter key) => Route.Any;

    public override short MinVersionOf(AclFilter key) => AclVersions.Lowest(key.Resource, key.Pattern, isFilter: true);

    public override DeleteAclsRequest CreateRequest(IReadOnlyList<AclFilter> keys, short version) => new()
    {
        Filters = [.. keys.Select(key => new DeleteAclsRequest.DeleteAclsFilter
        {
            ResourceTypeFilter = (sbyte)key.Resource,
            ResourceNameFilter = key.Name,
            PatternTypeFilter = AclVersions.ToWire(key.Pattern, version),
            PrincipalFilter = key.Principal,
            HostFilter = key.Host,
            Operation = (sbyte)key.Operation,
            PermissionType = (sbyte)key.Permission,
        })],
    };

    public override void Read(IReadOnlyList<AclFilter> keys, DeleteAclsResponse response, AnswerSheet<AclFilter, AdminOutcome<AclBinding>> answers)
    {
        foreach ((AclFilter key, DeleteAclsResponse.DeleteAclsFilterResult result) in keys.Zip(response.FilterResults))
        {
            answers.Note(key, result.ErrorCode, result.ErrorMessage, AdminOutcome<AclBinding>.From(Read(result)));
        }
    }

    public override string Describe(AclFilter key) => "Removing the rules that match";

    private static Dictionary<AclBinding, Answer<bool>> Read(DeleteAclsResponse.DeleteAclsFilterResult result)
    {
        var removed = new Dictionary<AclBinding, Answer<bool>>();
        foreach (DeleteAclsResponse.DeleteAclsMatchingAcl acl in result.MatchingAcls)
        {
            var binding = new AclBinding(
                (ResourceType)acl.ResourceType,
                acl.ResourceName,
                acl.Principal,
                (AclOperation)acl.Operation,
                (AclPermissionType)acl.PermissionType,
                (PatternType)acl.PatternType,
                acl.Host);
            removed[binding] = acl.ErrorCode == ErrorCode.None
                ? Answer<bool>.Of(true)
                : Answer<bool>.Failed(BrokerFault.Of($"Removing {binding}", acl.ErrorCode, acl.ErrorMessage));
        }

        return removed;
    }
}
