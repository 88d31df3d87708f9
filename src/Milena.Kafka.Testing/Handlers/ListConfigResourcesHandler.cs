using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Lists what has settings: every topic and broker, and the groups and subscriptions on which something is set (KIP-1142).</summary>
internal sealed class ListConfigResourcesHandler() : RequestHandler<ListConfigResourcesRequest, ListConfigResourcesResponse>(Apis.ListConfigResources)
{
    private static readonly ConfigResourceType[] AllTypes =
        [ConfigResourceType.Topic, ConfigResourceType.Broker, ConfigResourceType.BrokerLogger, ConfigResourceType.ClientMetrics, ConfigResourceType.Group];

    protected override ListConfigResourcesResponse Handle(ListConfigResourcesRequest request, RequestContext context)
    {
        ConfigResourceType[] types = context.Version == 0
            ? [ConfigResourceType.ClientMetrics]
            : request.ResourceTypes.Count == 0 ? AllTypes : [.. request.ResourceTypes.Select(type => (ConfigResourceType)type)];
        if (types.Except(AllTypes).Any())
        {
            return Fail(request, ErrorCode.UnsupportedVersion, context);
        }

        return new ListConfigResourcesResponse
        {
            ConfigResources = [.. types.SelectMany(type => NamesOf(type, context.Cluster).Select(name => new ListConfigResourcesResponse.ConfigResource
            {
                ResourceType = (sbyte)type,
                ResourceName = name,
            }))],
        };
    }

    protected override ListConfigResourcesResponse Fail(ListConfigResourcesRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };

    private static IEnumerable<string> NamesOf(ConfigResourceType type, ClusterState cluster) => type switch
    {
        ConfigResourceType.Topic => cluster.Topics.Select(topic => topic.Name),
        ConfigResourceType.Broker or ConfigResourceType.BrokerLogger => cluster.AliveBrokers.Select(broker => broker.Id.ToString(CultureInfo.InvariantCulture)),
        _ => cluster.Configs.Keys.Where(key => key.Type == type).Select(key => key.Name),
    };
}
