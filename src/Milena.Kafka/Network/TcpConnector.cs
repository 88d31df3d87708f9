using System.Net;
using System.Net.Sockets;
using Milena.Kafka.Network.Internal;

namespace Milena.Kafka;

/// <summary>Connects by TCP; the default. All addresses of a name are tried, a new one every <see cref="AttemptDelay"/> or as soon as one fails.</summary>
/// <remarks>IPv6 and IPv4 addresses take turns (RFC 8305); the first that answers wins. Set the properties before the first use.</remarks>
public sealed class TcpConnector : ITransportConnector
{
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates the connector.</summary>
    /// <param name="timeProvider">The clock; the system's if left out.</param>
    public TcpConnector(TimeProvider? timeProvider = null)
    {
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Whether small requests are sent at once instead of being held back by Nagle's algorithm.</summary>
    /// <value>True (<c>TCP_NODELAY</c>).</value>
    public bool NoDelay { get; set; } = true;

    /// <summary>Whether the operating system probes idle connections.</summary>
    /// <value>True (<c>SO_KEEPALIVE</c>).</value>
    public bool KeepAlive { get; set; } = true;

    /// <summary>The size of the socket's send buffer, in bytes.</summary>
    /// <value>Null: the operating system adapts it.</value>
    /// <remarks>Kafka calls this <c>send.buffer.bytes</c>.</remarks>
    public int? SendBufferSize { get; set; }

    /// <summary>The size of the socket's receive buffer, in bytes.</summary>
    /// <value>Null: the operating system adapts it.</value>
    /// <remarks>Kafka calls this <c>receive.buffer.bytes</c>.</remarks>
    public int? ReceiveBufferSize { get; set; }

    /// <summary>How long an address may be silent before the next one is tried as well.</summary>
    /// <value>250 ms (RFC 8305). The attempts that were begun go on.</value>
    public TimeSpan AttemptDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Where the addresses of a name come from.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolver { get; init; } = Dns.GetHostAddressesAsync;

    /// <inheritdoc/>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        IPAddress[] addresses = await ResolveAsync(endpoint, cancellationToken).ConfigureAwait(false);
        var race = new AddressRace(addresses, AttemptDelay, _timeProvider, (address, token) => ConnectAsync(address, endpoint.Port, token));
        return await race.RunAsync(EndpointName.Of(endpoint), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IPAddress[]> ResolveAsync(DnsEndPoint endpoint, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(endpoint.Host, out IPAddress? literal))
        {
            return [literal];
        }

        string name = EndpointName.Of(endpoint);
        try
        {
            IPAddress[] addresses = await Resolver(endpoint.Host, cancellationToken).ConfigureAwait(false);
            return addresses.Length > 0 ? addresses : throw new ConnectionException(name, $"The name of {name} has no address.");
        }
        catch (SocketException e)
        {
            throw new ConnectionException(name, $"The name of {name} could not be resolved: {e.Message}.", e);
        }
    }

    private async Task<Stream> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Configure(socket);
            await socket.ConnectAsync(address, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Configure(Socket socket)
    {
        socket.NoDelay = NoDelay;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, KeepAlive);
        if (SendBufferSize is { } sendBufferSize)
        {
            socket.SendBufferSize = sendBufferSize;
        }

        if (ReceiveBufferSize is { } receiveBufferSize)
        {
            socket.ReceiveBufferSize = receiveBufferSize;
        }
    }
}
