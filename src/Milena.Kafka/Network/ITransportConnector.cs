using System.Net;

namespace Milena.Kafka;

/// <summary>Opens the byte stream to a broker. Plug in another one for a proxy, a tunnel or a test without sockets.</summary>
/// <remarks>
/// A connector may decorate another: connect through the inner one and wrap the stream that it returns.
/// Implementations must allow any number of calls at once.
/// </remarks>
public interface ITransportConnector
{
    /// <summary>Opens a stream to a broker.</summary>
    /// <param name="endpoint">The broker's host name or address, and its port.</param>
    /// <param name="cancellationToken">Ends the attempt; also set off when the connection set-up time-out has passed.</param>
    /// <returns>
    /// A stream that can be read and written at the same time. The client owns it and disposes it to end the connection, which must end reads and writes that are under way.
    /// A <see cref="System.Net.Sockets.NetworkStream"/> gets gathering writes on its socket.
    /// </returns>
    /// <exception cref="ConnectionException">The broker could not be reached; the message says why.</exception>
    ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken);
}
