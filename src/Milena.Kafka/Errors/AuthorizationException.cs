using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>The cluster denies this principal an operation on a resource.</summary>
public sealed class AuthorizationException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">The broker's error code.</param>
    /// <param name="message">The resource and operation, and what to do about it.</param>
    public AuthorizationException(ErrorCode code, string message) : base(code, message)
    {
    }

    /// <summary>The kind of resource, as far as the code tells.</summary>
    public ResourceType Resource => Code switch
    {
        ErrorCode.TopicAuthorizationFailed => ResourceType.Topic,
        ErrorCode.GroupAuthorizationFailed => ResourceType.Group,
        ErrorCode.ClusterAuthorizationFailed => ResourceType.Cluster,
        ErrorCode.TransactionalIdAuthorizationFailed => ResourceType.TransactionalId,
        ErrorCode.DelegationTokenAuthorizationFailed => ResourceType.DelegationToken,
        _ => ResourceType.Unknown,
    };

    /// <summary>The resource's name; null where the message alone tells it.</summary>
    public string? ResourceName { get; init; }

    /// <summary>The operation that the principal lacks; <see cref="AclOperation.Unknown"/> where the message alone tells it.</summary>
    public AclOperation Operation { get; init; }
}
