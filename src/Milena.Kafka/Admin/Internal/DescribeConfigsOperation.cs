using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Describes the settings of resources.</summary>
internal sealed class DescribeConfigsOperation
    : Operation<ConfigResource, DescribeConfigsRequest, DescribeConfigsResponse, IReadOnlyDictionary<string, ConfigEntry>>
{
    private readonly DescribeConfigsOptions _options;

    public DescribeConfigsOperation(DescribeConfigsOptions options) => _options = options;

    public override Api Api => Apis.DescribeConfigs;

    public override Route RouteOf(ConfigResource key) => ConfigRoute.Of(key);

    public override DescribeConfigsRequest CreateRequest(IReadOnlyList<ConfigResource> keys, short version) => new()
    {
        // A version that has no synonyms answers without them.
        IncludeSynonyms = _options.IncludeSynonyms && version >= 1,
        IncludeDocumentation = _options.IncludeDocumentation,
        Resources = keys.Select(key => new DescribeConfigsRequest.DescribeConfigsResource
        {
            ResourceType = (sbyte)key.Type,
            ResourceName = key.Name,
            ConfigurationKeys = _options.Names?.ToList(),
        }).ToList(),
    };

    public override void Read(
        IReadOnlyList<ConfigResource> keys, DescribeConfigsResponse response, AnswerSheet<ConfigResource, IReadOnlyDictionary<string, ConfigEntry>> answers)
    {
        foreach (DescribeConfigsResponse.DescribeConfigsResult result in response.Results)
        {
            var key = new ConfigResource((ConfigResourceType)result.ResourceType, result.ResourceName);
            answers.Note(key, result.ErrorCode, result.ErrorMessage, result.Configs.ToDictionary(config => config.Name, config => ReadEntry(config, key.Type)));
        }
    }

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error);

    public override string Describe(ConfigResource key) => $"Describing the settings of {key}";

    private static ConfigEntry ReadEntry(DescribeConfigsResponse.DescribeConfigsResourceResult config, ConfigResourceType type) =>
        new(config.Name, config.Value, SourceOf(config, type))
        {
            IsSensitive = config.IsSensitive,
            IsReadOnly = config.ReadOnly,
            Type = (ConfigType)config.ConfigType,
            Documentation = config.Documentation,
            Synonyms = [.. config.Synonyms.Select(synonym => new ConfigSynonym(synonym.Name, synonym.Value, (ConfigSource)synonym.Source))],
        };

    // Version 0 says only whether it is the default.
    private static ConfigSource SourceOf(DescribeConfigsResponse.DescribeConfigsResourceResult config, ConfigResourceType type) => config switch
    {
        { ConfigSource: >= 0 } => (ConfigSource)config.ConfigSource,
        { IsDefault: true } => ConfigSource.Default,
        _ => type switch
        {
            ConfigResourceType.Topic => ConfigSource.DynamicTopic,
            ConfigResourceType.Broker => ConfigSource.StaticBroker,
            _ => ConfigSource.Unknown,
        },
    };
}
