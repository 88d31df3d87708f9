using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Quotas;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells the quotas of the entities that match a filter.</summary>
internal sealed class DescribeClientQuotasHandler(ClientQuotas quotas)
    : RequestHandler<DescribeClientQuotasRequest, DescribeClientQuotasResponse>(Apis.DescribeClientQuotas)
{
    protected override DescribeClientQuotasResponse Handle(DescribeClientQuotasRequest request, RequestContext context)
    {
        if (!context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.DescribeConfigs))
        {
            return Fail(request, ErrorCode.ClusterAuthorizationFailed, context);
        }

        if (FaultOf(request) is { } fault)
        {
            return new DescribeClientQuotasResponse { ErrorCode = fault.Error, ErrorMessage = fault.Message, Entries = null };
        }

        return new DescribeClientQuotasResponse
        {
            Entries = [.. quotas.Find(entity => Matches(entity, request)).Select(found => new DescribeClientQuotasResponse.EntryData
            {
                Entity = [.. found.Entity.Parts.Select(part => new DescribeClientQuotasResponse.EntityData { EntityType = part.Type, EntityName = part.Name.Name })],
                Values = [.. found.Values.Select(value => new DescribeClientQuotasResponse.ValueData { Key = value.Key, Value = value.Value })],
            })],
        };
    }

    protected override DescribeClientQuotasResponse Fail(DescribeClientQuotasRequest request, ErrorCode error, RequestContext context) =>
        new() { ErrorCode = error, ErrorMessage = error.Meaning(), Entries = null };

    private static (ErrorCode Error, string Message)? FaultOf(DescribeClientQuotasRequest request)
    {
        foreach (DescribeClientQuotasRequest.ComponentData component in request.Components)
        {
            if (component.EntityType is not (QuotaEntity.UserType or QuotaEntity.ClientIdType or QuotaEntity.IpType))
            {
                return component.EntityType.Length == 0
                    ? (ErrorCode.InvalidRequest, "Unexpected empty filter component entity type.")
                    : (ErrorCode.UnsupportedVersion, $"Custom entity type '{component.EntityType}' not supported.");
            }

            if (!Enum.IsDefined((QuotaMatchType)component.MatchType) || ((QuotaMatchType)component.MatchType == QuotaMatchType.Exact) == (component.Match is null))
            {
                return (ErrorCode.InvalidRequest, "A match needs a name if it is exact, and none if it is not.");
            }
        }

        string[] types = [.. request.Components.Select(component => component.EntityType)];
        return types.Distinct().Count() != types.Length ? (ErrorCode.InvalidRequest, "Entity type was specified more than once.")
            : types.Contains(QuotaEntity.IpType) && types.Length > 1 ? (ErrorCode.InvalidRequest, "Invalid entity filter component combination.")
            : null;
    }

    private static bool Matches(QuotaEntity entity, DescribeClientQuotasRequest request)
    {
        Dictionary<string, string?> parts = entity.Parts.ToDictionary(part => part.Type, part => part.Name.Name);
        return (!request.Strict || parts.Count == request.Components.Count) && request.Components.TrueForAll(component =>
            parts.TryGetValue(component.EntityType, out string? name) && (QuotaMatchType)component.MatchType switch
            {
                QuotaMatchType.Exact => name == component.Match,
                QuotaMatchType.Default => name is null,
                _ => true,
            });
    }
}
