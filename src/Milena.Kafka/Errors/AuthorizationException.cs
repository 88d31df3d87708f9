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
}
