using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Configs;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Changes single settings of resources (KIP-339).</summary>
internal sealed class IncrementalAlterConfigsHandler() : RequestHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(Apis.IncrementalAlterConfigs)
{
    protected override IncrementalAlterConfigsResponse Handle(IncrementalAlterConfigsRequest request, RequestContext context)
    {
        ILookup<ConfigKey, IncrementalAlterConfigsRequest.AlterConfigsResource> byKey = request.Resources.ToLookup(KeyOf);
        return Answer(request, resource => Alter(resource, byKey[KeyOf(resource)].Count(), request.ValidateOnly, context));
    }

    protected override IncrementalAlterConfigsResponse Fail(IncrementalAlterConfigsRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, _ => new Refusal(error, error.Meaning()));

    private static ConfigKey KeyOf(IncrementalAlterConfigsRequest.AlterConfigsResource resource) => new((ConfigResourceType)resource.ResourceType, resource.ResourceName);

    private static Refusal? Alter(IncrementalAlterConfigsRequest.AlterConfigsResource resource, int times, bool validateOnly, RequestContext context)
    {
        ConfigKey key = KeyOf(resource);
        ConfigEdit[] edits = [.. resource.Configs.Select(config => new ConfigEdit(config.Name, (AlterConfigOp)config.ConfigOperation, config.Value))];
        return ConfigAlteration.Before(key, edits, times, context)
            ?? (key.Type == ConfigResourceType.BrokerLogger ? LoggerSchema.Check(edits) : null)
            ?? context.Cluster.AlterConfigs(key, edits, validateOnly);
    }

    private static IncrementalAlterConfigsResponse Answer(
        IncrementalAlterConfigsRequest request, Func<IncrementalAlterConfigsRequest.AlterConfigsResource, Refusal?> alter) => new()
        {
            Responses = [.. request.Resources.Select(resource => (Resource: resource, Refusal: alter(resource))).Select(result => new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
            {
                ErrorCode = result.Refusal?.Code ?? ErrorCode.None,
                ErrorMessage = result.Refusal?.Message,
                ResourceType = result.Resource.ResourceType,
                ResourceName = result.Resource.ResourceName,
            })],
        };
}
