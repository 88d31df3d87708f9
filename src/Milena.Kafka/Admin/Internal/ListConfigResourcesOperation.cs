using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Lists resources that have settings. Version 0 lists client metrics subscriptions alone (KIP-714, KIP-1142).</summary>
internal sealed class ListConfigResourcesOperation : SingleOperation<ListConfigResourcesRequest, ListConfigResourcesResponse, IReadOnlyList<ConfigResource>>
{
    private readonly sbyte[] _types;

    public ListConfigResourcesOperation(IEnumerable<ConfigResourceType> types) => _types = [.. types.Select(type => (sbyte)type).Distinct()];

    public override Api Api => Apis.ListConfigResources;

    public override short MinVersionOf(Route key) => _types is [(sbyte)ConfigResourceType.ClientMetrics] ? (short)0 : (short)1;

    public override string Describe(Route key) => "Listing the resources that have settings";

    protected override ListConfigResourcesRequest CreateRequest(short version) => new() { ResourceTypes = version == 0 ? [] : [.. _types] };

    protected override (ErrorCode Error, string? Detail) ErrorOf(ListConfigResourcesResponse response) => (response.ErrorCode, null);

    protected override IReadOnlyList<ConfigResource> Read(ListConfigResourcesResponse response) =>
        [.. response.ConfigResources.Select(resource => new ConfigResource((ConfigResourceType)resource.ResourceType, resource.ResourceName))];
}
