using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Adds rules.</summary>
internal sealed class CreateAclsOperation : Operation<AclBinding, CreateAclsRequest, CreateAclsResponse, bool>
{
    public override Api Api => Apis.CreateAcls;

    public override Route RouteOf(AclBinding key) => Route.Any;

    public override short MinVersionOf(AclBinding key) => AclVersions.Lowest(key.Resource, key.Pattern, isFilter: false);

    public override CreateAclsRequest CreateRequest(IReadOnlyList<AclBinding> keys, short version) => new()
    {
        Creations = [.. keys.Select(key => new CreateAclsRequest.AclCreation
        {
            ResourceType = (sbyte)key.Resource,
            ResourceName = key.Name,
            ResourcePatternType = (sbyte)key.Pattern,
            Principal = key.Principal,
            Host = key.Host,
            Operation = (sbyte)key.Operation,
            PermissionType = (sbyte)key.Permission,
        })],
    };

    public override void Read(IReadOnlyList<AclBinding> keys, CreateAclsResponse response, AnswerSheet<AclBinding, bool> answers)
    {
        foreach ((AclBinding key, CreateAclsResponse.AclCreationResult result) in keys.Zip(response.Results))
        {
            answers.Note(key, result.ErrorCode, result.ErrorMessage, true);
        }
    }

    public override string Describe(AclBinding key) =>
        $"Adding the rule that {key.Principal} {(key.Permission == AclPermissionType.Deny ? "may not" : "may")} {key.Operation} {key.Resource} '{key.Name}'";
}
