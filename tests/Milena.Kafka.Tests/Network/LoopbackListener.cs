using System.Net;
using System.Net.Sockets;

namespace Milena.Kafka.Tests.Network;

/// <summary>Accepts real sockets on loopback.</summary>
internal sealed class LoopbackListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public LoopbackListener()
    {
        _listener.Start();
    }

    public DnsEndPoint Endpoint => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    public async Task<ScriptedBroker> AcceptAsync(CancellationToken cancellationToken)
    {
        Socket socket = await _listener.AcceptSocketAsync(cancellationToken);
        socket.NoDelay = true;
        return new ScriptedBroker(new NetworkStream(socket, ownsSocket: true));
    }

    public void Dispose() => _listener.Dispose();
}
