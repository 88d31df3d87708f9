using System.Net;

namespace Milena.Kafka.Tests.Network;

/// <summary>Connects as the test says.</summary>
internal sealed class DelegateConnector(Func<CancellationToken, Task<Stream>> connect) : ITransportConnector
{
    public ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken) => new(connect(cancellationToken));
}
