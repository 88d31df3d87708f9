using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Configs;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells the settings of resources.</summary>
internal sealed class DescribeConfigsHandler() : RequestHandler<DescribeConfigsRequest, DescribeConfigsResponse>(Apis.DescribeConfigs)
{
    protected override DescribeConfigsResponse Handle(DescribeConfigsRequest request, RequestContext context) => new()
    {
        Results = [.. request.Resources.Select(resource => Describe(resource, request, context))],
    };

    protected override DescribeConfigsResponse Fail(DescribeConfigsRequest request, ErrorCode error, RequestContext context) => new()
    {
        Results = [.. request.Resources.Select(resource => Failed(resource, new Refusal(error, error.Meaning())))],
    };

    private static DescribeConfigsResponse.DescribeConfigsResult Describe(
        DescribeConfigsRequest.DescribeConfigsResource resource, DescribeConfigsRequest request, RequestContext context)
    {
        var key = new ConfigKey((ConfigResourceType)resource.ResourceType, resource.ResourceName);
        if (!Enum.IsDefined(key.Type) || key.Type == ConfigResourceType.Unknown)
        {
            return Failed(resource, new Refusal(ErrorCode.InvalidRequest, $"Unexpected resource type {resource.ResourceType} for resource {key.Name}"));
        }

        if ((ConfigRights.Refusal(key, AclOperation.DescribeConfigs, context) ?? ConfigRights.ForeignBroker(key, context) ?? Missing(key, context)) is { } refusal)
        {
            return Failed(resource, refusal);
        }

        IEnumerable<ConfigValue> all = context.Cluster.Configs.Describe(key, context.Broker.Id);
        return new DescribeConfigsResponse.DescribeConfigsResult
        {
            ErrorMessage = null,
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
            Configs = [.. all.Where(config => resource.ConfigurationKeys is not { Count: > 0 } wanted || wanted.Contains(config.Name)).Select(config => Describe(config, key, request, context))],
        };
    }

    private static Refusal? Missing(ConfigKey key, RequestContext context) => key.Type switch
    {
        ConfigResourceType.Topic when TopicName.Fault(key.Name) is { } fault => new Refusal(ErrorCode.InvalidTopicException, fault),
        ConfigResourceType.Topic when context.Cluster.Topic(key.Name) is null => new Refusal(ErrorCode.UnknownTopicOrPartition, null),
        ConfigResourceType.Group when key.Name.Length == 0 => new Refusal(ErrorCode.InvalidRequest, "Group name must not be empty"),
        ConfigResourceType.ClientMetrics when key.Name.Length == 0 => new Refusal(ErrorCode.InvalidRequest, "Client metrics subscription name must not be empty"),
        _ => null,
    };

    private static DescribeConfigsResponse.DescribeConfigsResourceResult Describe(ConfigValue config, ConfigKey key, DescribeConfigsRequest request, RequestContext context)
    {
        // Loggers have no default: what a logger writes is its level, whoever has set it.
        ConfigSource source = key.Type == ConfigResourceType.BrokerLogger ? ConfigSource.DynamicBrokerLogger : config.Source;
        return new DescribeConfigsResponse.DescribeConfigsResourceResult
        {
            Name = config.Name,
            Value = config.Value,
            ReadOnly = key.Type == ConfigResourceType.Broker && config.Definition is { IsReadOnly: true },
            IsDefault = context.Version == 0 && source == ConfigSource.Default,
            ConfigSource = (sbyte)source,
            IsSensitive = config.IsSensitive,
            ConfigType = (sbyte)(config.Definition?.Type ?? ConfigType.Unknown),
            Documentation = request.IncludeDocumentation && config.Definition is { Documentation.Length: > 0 } definition ? definition.Documentation : null,
            Synonyms = request.IncludeSynonyms && key.Type is not (ConfigResourceType.BrokerLogger or ConfigResourceType.ClientMetrics)
                ? [.. config.Layers.Select(layer => new DescribeConfigsResponse.DescribeConfigsSynonym
                {
                    Name = layer.Name,
                    Value = config.IsSensitive ? null : layer.Value,
                    Source = (sbyte)layer.Source,
                })]
                : [],
        };
    }

    private static DescribeConfigsResponse.DescribeConfigsResult Failed(DescribeConfigsRequest.DescribeConfigsResource resource, Refusal refusal) => new()
    {
        ErrorCode = refusal.Code,
        ErrorMessage = refusal.Message,
        ResourceType = resource.ResourceType,
        ResourceName = resource.ResourceName,
    };
}
