namespace Milena.Kafka.Network.Internal;

/// <summary>What a connection received does not follow the protocol; nothing after it can be believed.</summary>
internal sealed class PoisonedConnectionException(string endpoint, string message, Exception? innerException = null)
    : ConnectionException(endpoint, message, innerException)
{
    /// <summary>Whether it is TLS that was received.</summary>
    public bool IsTls { get; init; }
}
