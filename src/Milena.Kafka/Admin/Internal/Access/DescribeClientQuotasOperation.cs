using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Asks for the quotas of the entities that match a filter.</summary>
internal sealed class DescribeClientQuotasOperation
    : SingleOperation<DescribeClientQuotasRequest, DescribeClientQuotasResponse, IReadOnlyDictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double>>>
{
    private readonly ClientQuotaFilter _filter;

    public DescribeClientQuotasOperation(ClientQuotaFilter filter) => _filter = filter;

    public override Api Api => Apis.DescribeClientQuotas;

    public override string Describe(Route key) => "Describing client quotas";

    protected override DescribeClientQuotasRequest CreateRequest(short version) => new()
    {
        Components = [.. _filter.Components.Select(component => new DescribeClientQuotasRequest.ComponentData
        {
            EntityType = component.Type,
            MatchType = (sbyte)component.Match,
            Match = component.Name,
        })],
        Strict = _filter.Strict,
    };

    protected override (ErrorCode Error, string? Detail) ErrorOf(DescribeClientQuotasResponse response) => (response.ErrorCode, response.ErrorMessage);

    protected override IReadOnlyDictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double>> Read(DescribeClientQuotasResponse response) =>
        (response.Entries ?? []).ToDictionary(
            entry => new ClientQuotaEntity(entry.Entity.Select(part => KeyValuePair.Create(part.EntityType, part.EntityName))),
            entry => (IReadOnlyDictionary<string, double>)entry.Values.ToDictionary(value => value.Key, value => value.Value));
}
