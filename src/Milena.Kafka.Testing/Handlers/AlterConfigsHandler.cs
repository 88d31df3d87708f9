using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Configs;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Replaces all settings of resources: what is left out goes back to its default.</summary>
internal sealed class AlterConfigsHandler() : RequestHandler<AlterConfigsRequest, AlterConfigsResponse>(Apis.AlterConfigs)
{
    protected override AlterConfigsResponse Handle(AlterConfigsRequest request, RequestContext context)
    {
        ILookup<ConfigKey, AlterConfigsRequest.AlterConfigsResource> byKey = request.Resources.ToLookup(KeyOf);
        return Answer(request, resource => Replace(resource, byKey[KeyOf(resource)].Count(), request.ValidateOnly, context));
    }

    protected override AlterConfigsResponse Fail(AlterConfigsRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, _ => new Refusal(error, error.Meaning()));

    private static ConfigKey KeyOf(AlterConfigsRequest.AlterConfigsResource resource) => new((ConfigResourceType)resource.ResourceType, resource.ResourceName);

    private static Refusal? Replace(AlterConfigsRequest.AlterConfigsResource resource, int times, bool validateOnly, RequestContext context)
    {
        ConfigKey key = KeyOf(resource);
        if (key.Type == ConfigResourceType.BrokerLogger)
        {
            return new Refusal(ErrorCode.InvalidRequest, $"Unknown resource type {resource.ResourceType}");
        }

        ConfigEdit[] edits = [.. resource.Configs.Select(config => new ConfigEdit(config.Name, AlterConfigOp.Set, config.Value))];
        return ConfigAlteration.Before(key, edits, times, context)
            ?? context.Cluster.ReplaceConfigs(key, edits.ToDictionary(edit => edit.Name, edit => edit.Value!), validateOnly);
    }

    private static AlterConfigsResponse Answer(AlterConfigsRequest request, Func<AlterConfigsRequest.AlterConfigsResource, Refusal?> replace) => new()
    {
        Responses = [.. request.Resources.Select(resource => (Resource: resource, Refusal: replace(resource))).Select(result => new AlterConfigsResponse.AlterConfigsResourceResponse
        {
            ErrorCode = result.Refusal?.Code ?? ErrorCode.None,
            ErrorMessage = result.Refusal?.Message,
            ResourceType = result.Resource.ResourceType,
            ResourceName = result.Resource.ResourceName,
        })],
    };
}
