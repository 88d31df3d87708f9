using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Broker and client could not agree on who they are: a credential, certificate or mechanism was refused, by either side. Trying again with the same does not help.</summary>
public sealed class AuthenticationException : KafkaException
{
    /// <summary>Creates the exception for a refusal of the client's own.</summary>
    /// <param name="endpoint">The broker as <c>host:port</c>.</param>
    /// <param name="mechanism">The SASL mechanism, or <c>TLS</c>.</param>
    /// <param name="message">What was refused by whom, and what to do about it; never a secret.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public AuthenticationException(string endpoint, string mechanism, string message, Exception? innerException = null) : base(message, innerException)
    {
        Endpoint = endpoint;
        Mechanism = mechanism;
    }

    /// <summary>Creates the exception for an error code that a broker answered with.</summary>
    /// <param name="code">The broker's error code.</param>
    /// <param name="endpoint">The broker as <c>host:port</c>.</param>
    /// <param name="mechanism">The SASL mechanism.</param>
    /// <param name="message">What was refused by whom, and what to do about it; never a secret.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public AuthenticationException(ErrorCode code, string endpoint, string mechanism, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
        Endpoint = endpoint;
        Mechanism = mechanism;
    }

    /// <summary>The broker as <c>host:port</c>.</summary>
    public string Endpoint { get; }

    /// <summary>The SASL mechanism, or <c>TLS</c>.</summary>
    public string Mechanism { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => false;
}
