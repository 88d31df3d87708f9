using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Changes single settings of resources (KIP-339).</summary>
internal sealed class AlterConfigsOperation : Operation<ConfigResource, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, bool>
{
    private readonly IReadOnlyDictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> _changes;
    private readonly bool _validateOnly;

    public AlterConfigsOperation(IReadOnlyDictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> changes, bool validateOnly)
    {
        _changes = changes;
        _validateOnly = validateOnly;
    }

    public override Api Api => Apis.IncrementalAlterConfigs;

    public override Route RouteOf(ConfigResource key) => ConfigRoute.Of(key);

    public override IncrementalAlterConfigsRequest CreateRequest(IReadOnlyList<ConfigResource> keys, short version) => new()
    {
        ValidateOnly = _validateOnly,
        Resources = keys.Select(key => new IncrementalAlterConfigsRequest.AlterConfigsResource
        {
            ResourceType = (sbyte)key.Type,
            ResourceName = key.Name,
            Configs = _changes[key].Select(change => new IncrementalAlterConfigsRequest.AlterableConfig
            {
                Name = change.Name,
                ConfigOperation = (sbyte)change.Operation,
                Value = change.Value,
            }).ToList(),
        }).ToList(),
    };

    public override void Read(IReadOnlyList<ConfigResource> keys, IncrementalAlterConfigsResponse response, AnswerSheet<ConfigResource, bool> answers)
    {
        foreach (IncrementalAlterConfigsResponse.AlterConfigsResourceResponse result in response.Responses)
        {
            answers.Note(new ConfigResource((ConfigResourceType)result.ResourceType, result.ResourceName), result.ErrorCode, result.ErrorMessage, true);
        }
    }

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error);

    public override string Describe(ConfigResource key) => $"Changing the settings of {key}";
}
