namespace Milena.Kafka;

/// <summary>A broker did not answer in time. What it did with the request is not known.</summary>
/// <remarks>Bounded by Kafka's <c>request.timeout.ms</c>.</remarks>
public sealed class RequestTimeoutException : ConnectionException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="endpoint">The broker as <c>host:port</c>.</param>
    /// <param name="message">What was asked, and how long the client waited.</param>
    public RequestTimeoutException(string endpoint, string message) : base(endpoint, message)
    {
    }
}
