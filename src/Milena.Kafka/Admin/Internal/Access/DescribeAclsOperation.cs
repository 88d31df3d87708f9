using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Asks for the rules that match a filter.</summary>
internal sealed class DescribeAclsOperation : SingleOperation<DescribeAclsRequest, DescribeAclsResponse, IReadOnlyList<AclBinding>>
{
    private readonly AclFilter _filter;

    public DescribeAclsOperation(AclFilter filter) => _filter = filter;

    public override Api Api => Apis.DescribeAcls;

    public override short MinVersionOf(Route key) => AclVersions.Lowest(_filter.Resource, _filter.Pattern, isFilter: true);

    public override string Describe(Route key) => "Describing rules";

    protected override DescribeAclsRequest CreateRequest(short version) => new()
    {
        ResourceTypeFilter = (sbyte)_filter.Resource,
        ResourceNameFilter = _filter.Name,
        PatternTypeFilter = AclVersions.ToWire(_filter.Pattern, version),
        PrincipalFilter = _filter.Principal,
        HostFilter = _filter.Host,
        Operation = (sbyte)_filter.Operation,
        PermissionType = (sbyte)_filter.Permission,
    };

    protected override (ErrorCode Error, string? Detail) ErrorOf(DescribeAclsResponse response) => (response.ErrorCode, response.ErrorMessage);

    protected override IReadOnlyList<AclBinding> Read(DescribeAclsResponse response) =>
        [.. response.Resources.SelectMany(resource => resource.Acls, (resource, acl) => new AclBinding(
            (ResourceType)resource.ResourceType,
            resource.ResourceName,
            acl.Principal,
            (AclOperation)acl.Operation,
            (AclPermissionType)acl.PermissionType,
            (PatternType)resource.PatternType,
            acl.Host))];
}
