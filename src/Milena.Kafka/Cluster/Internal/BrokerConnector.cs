using System.Net;
using Milena.Kafka.Network.Internal;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Opens connections with the options of the client.</summary>
internal sealed class BrokerConnector
{
    private readonly ConnectionOptions _options;
    private readonly ITransportConnector _transport;

    public BrokerConnector(ConnectionOptions options, ITransportConnector transport)
    {
        _options = options;
        _transport = transport;
    }

    public Task<Connection> ConnectAsync(BrokerEndpoint endpoint, CancellationToken cancellationToken) =>
        Connection.OpenAsync(new DnsEndPoint(endpoint.Host, endpoint.Port), _options, _transport, cancellationToken);
}
