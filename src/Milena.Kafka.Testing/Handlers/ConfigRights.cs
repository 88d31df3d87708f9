using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Configs;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Who may see and change settings, and of which broker a broker answers for.</summary>
internal static class ConfigRights
{
    /// <summary>Why a client may not do this to the settings of a resource; null if it may.</summary>
    public static Refusal? Refusal(ConfigKey key, AclOperation operation, RequestContext context)
    {
        (ResourceType resource, string name, ErrorCode error) = key.Type switch
        {
            ConfigResourceType.Topic => (ResourceType.Topic, key.Name, ErrorCode.TopicAuthorizationFailed),
            ConfigResourceType.Group => (ResourceType.Group, key.Name, ErrorCode.GroupAuthorizationFailed),
            _ => (ResourceType.Cluster, RequestContext.ClusterName, ErrorCode.ClusterAuthorizationFailed),
        };
        return context.Allows(resource, name, operation) ? null : new Refusal(error, error.Meaning());
    }

    /// <summary>Why a broker does not answer for a resource; null if it does. A broker knows its own settings and loggers only.</summary>
    public static Refusal? ForeignBroker(ConfigKey key, RequestContext context)
    {
        if (key.Type is not (ConfigResourceType.Broker or ConfigResourceType.BrokerLogger) || key == ConfigKey.AllBrokers || key == ConfigKey.Broker(context.Broker.Id))
        {
            return null;
        }

        bool isOwnLogger = key == ConfigKey.Broker(context.Broker.Id) with { Type = ConfigResourceType.BrokerLogger };
        if (isOwnLogger)
        {
            return null;
        }

        string fault = key.Name.Length == 0
            ? "Broker id must not be empty"
            : int.TryParse(key.Name, out _)
                ? $"Unexpected broker id, expected {context.Broker.Id}, but received {key.Name}"
                : $"Node id must be an integer, but it is: {key.Name}";
        return new Refusal(ErrorCode.InvalidRequest, fault);
    }
}
