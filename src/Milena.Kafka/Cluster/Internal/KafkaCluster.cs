using Microsoft.Extensions.Logging;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>All that the client knows of its cluster: metadata, coordinators, connections, and the driver that uses them.</summary>
internal sealed class KafkaCluster : IAsyncDisposable
{
    private const short FirstVersionThatForbidsCreation = 4;

    // Never disposed: it has no timer, and producers and consumers may look at its token after the client's end.
    private readonly CancellationTokenSource _closing = new();
    private readonly BrokerConnector _connector;
    private readonly TlsCredentials? _credentials;

    public KafkaCluster(KafkaClientOptions options, ITransportConnector transport)
    {
        Options = options;
        Random = options.Seed is { } seed ? new Random(seed) : new Random(Guid.NewGuid().GetHashCode());
        if (options.Security.UsesTls)
        {
            _credentials = new TlsCredentials(options.Security.Tls, options.TimeProvider, options.LoggerFactory.CreateLogger("Milena.Kafka.Security"));
            transport = new TlsConnector(transport, _credentials, options.Security.Tls);
        }

        _connector = new BrokerConnector(ToConnectionOptions(options, Random), transport);
        Brokers = new BrokerPool(options, _connector, () => Metadata!.Current, Random);
        Metadata = new MetadataCache(options, AskForMetadataAsync, Random);
        Coordinators = new CoordinatorCache();
        Driver = new OperationDriver(options, Metadata, Brokers, Coordinators, Random);
    }

    public KafkaClientOptions Options { get; }

    /// <summary>All chance in the client comes from here; lock it before use.</summary>
    public Random Random { get; }

    public MetadataCache Metadata { get; }

    /// <summary>Connections for general requests.</summary>
    public BrokerPool Brokers { get; }

    public CoordinatorCache Coordinators { get; }

    public OperationDriver Driver { get; }

    /// <summary>Set off when the client is disposed.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>A pool of its own for a producer or consumer, which disposes it.</summary>
    public BrokerPool CreatePool() => new(Options, _connector, () => Metadata.Current, Random);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await Metadata.DisposeAsync().ConfigureAwait(false);
        await Brokers.DisposeAsync().ConfigureAwait(false);
        if (_credentials is not null)
        {
            await _credentials.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static ConnectionOptions ToConnectionOptions(KafkaClientOptions options, Random random) => new()
    {
        ClientId = options.ClientId,
        RequestTimeout = options.RequestTimeout,
        ConnectionSetupTimeout = options.ConnectionSetupTimeout,
        IdleTimeout = options.ConnectionMaxIdle,
        MaxFrameSize = options.MaxResponseSize,
        Sasl = options.Security.UsesSasl ? options.Security.Sasl : null,
        Random = random,
        TimeProvider = options.TimeProvider,
        Logger = options.LoggerFactory.CreateLogger("Milena.Kafka.Network"),
    };

    private async Task<MetadataResponse> AskForMetadataAsync(MetadataRequest request, CancellationToken cancellationToken)
    {
        Connection connection = await Brokers.GetAnyAsync(cancellationToken).ConfigureAwait(false);

        // Brokers that cannot be told otherwise create what they are set to create.
        request.AllowAutoTopicCreation |= connection.Versions.Negotiate(Apis.Metadata) < FirstVersionThatForbidsCreation;
        return await connection.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
