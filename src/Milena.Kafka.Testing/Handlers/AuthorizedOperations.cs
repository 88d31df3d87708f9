using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>What a client may do, as bits: without an authorizer it is everything there is.</summary>
internal static class AuthorizedOperations
{
    public const int NotAsked = int.MinValue;

    /// <summary>Create, alter, describe, cluster action, describe and alter configs, idempotent write.</summary>
    public const int OnCluster = 8096;

    /// <summary>Read, write, create, delete, alter, describe, describe and alter configs.</summary>
    public const int OnTopic = 3576;

    /// <summary>Read, delete, describe, describe and alter configs.</summary>
    public const int OnGroup = 3400;

    /// <summary>Those that the client of a request has on a resource.</summary>
    public static int Of(ResourceType resource, string name, RequestContext context)
    {
        int all = resource switch
        {
            ResourceType.Cluster => OnCluster,
            ResourceType.Topic => OnTopic,
            _ => OnGroup,
        };
        int granted = 0;
        foreach (AclOperation operation in Enum.GetValues<AclOperation>())
        {
            int bit = 1 << (int)operation;
            granted |= (all & bit) != 0 && context.Allows(resource, name, operation) ? bit : 0;
        }

        return granted;
    }
}
