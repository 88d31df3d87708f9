using System.Net.Sockets;

namespace Milena.Kafka.Network.Internal;

/// <summary>Why a connection ended: one reason, told to every request that waits.</summary>
/// <param name="Kind">Who ended it.</param>
/// <param name="Exception">What happened.</param>
internal sealed record CloseReason(CloseKind Kind, ConnectionException Exception)
{
    /// <summary>The client wanted it so.</summary>
    public static CloseReason ByClient(string endpoint) =>
        new(CloseKind.ByClient, new ConnectionException(endpoint, $"The connection to {endpoint} was closed by this client."));

    /// <summary>Makes a reason of the end of a loop.</summary>
    /// <param name="endpoint">The broker as <c>host:port</c>.</param>
    /// <param name="cause">What the loop failed with; null: the peer ended the stream between two frames.</param>
    /// <param name="wasInUse">Whether the broker had answered more than the negotiation of versions.</param>
    public static CloseReason Of(string endpoint, Exception? cause, bool wasInUse) => cause switch
    {
        null => new(CloseKind.ByPeer, new ConnectionException(endpoint, $"{endpoint} closed the connection.{(wasInUse ? "" : EarlyEnd)}")),
        PoisonedConnectionException e => new(CloseKind.Poisoned, e),
        IOException or SocketException => new(CloseKind.Broken, new ConnectionException(endpoint, $"The connection to {endpoint} broke: {cause.Message}", cause)),
        _ => new(CloseKind.Broken, new ConnectionException(endpoint, $"The connection to {endpoint} ended by an unexpected error: {cause.Message}", cause)),
    };

    private const string EarlyEnd = " It had not answered any request but ApiVersions, if that: the port may belong to a listener with TLS or SASL, or to something else than Kafka.";
}
