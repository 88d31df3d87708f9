namespace Milena.Kafka;

/// <summary>A connection to a broker could not be made, or ended while a request was waiting.</summary>
public class ConnectionException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="endpoint">The broker as <c>host:port</c>.</param>
    /// <param name="message">What happened, and what to do about it.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public ConnectionException(string endpoint, string message, Exception? innerException = null) : base(message, innerException)
    {
        Endpoint = endpoint;
    }

    /// <summary>The broker as <c>host:port</c>.</summary>
    public string Endpoint { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => true;
}
