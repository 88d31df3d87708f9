using System.Collections.Concurrent;
using System.Collections.Frozen;
using Milena.Kafka.Common;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Connections to brokers by purpose, each opened when it is first needed.</summary>
/// <remarks>The client has one pool for general requests; a producer or consumer has its own, so that one consumer's long poll never stands before another's.</remarks>
internal sealed class BrokerPool : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(int Broker, ConnectionPurpose Purpose), BrokerSlot> _slots = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly KafkaClientOptions _options;
    private readonly BrokerConnector _connector;
    private readonly Func<ClusterSnapshot> _cluster;
    private readonly Random _random;
    private readonly List<BrokerEndpoint> _bootstrap;
    private int _disposed;

    public BrokerPool(KafkaClientOptions options, BrokerConnector connector, Func<ClusterSnapshot> cluster, Random random)
    {
        _options = options;
        _connector = connector;
        _cluster = cluster;
        _random = random;

        // Bootstrap addresses are brokers whose ids are not known yet; negative ids keep them apart from real ones.
        _bootstrap = BootstrapAddress.ParseList(options.BootstrapServers).Select((a, i) => new BrokerEndpoint(-1 - i, a.Host, a.Port, null)).ToList();
    }

    /// <summary>A connection to a broker that metadata names.</summary>
    /// <exception cref="ConnectionException">The broker is not known or cannot be reached.</exception>
    public Task<Connection> GetAsync(int brokerId, ConnectionPurpose purpose, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(KafkaClient));
        return _cluster().Brokers.TryGetValue(brokerId, out BrokerEndpoint? endpoint)
            ? Slot(brokerId, purpose).GetAsync(endpoint, cancellationToken)
            : Task.FromException<Connection>(new ConnectionException($"broker {brokerId}", $"Broker {brokerId} is not among the brokers that the cluster's metadata names."));
    }

    /// <summary>A connection to some broker: an open one, else any known one, else one of the bootstrap list (KIP-899).</summary>
    /// <exception cref="ClusterUnreachableException">None could be reached; says why each failed.</exception>
    public async Task<Connection> GetAnyAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(KafkaClient));
        BrokerEndpoint[] known = Shuffle(_cluster().Brokers);
        var failures = new List<KeyValuePair<string, Exception>>();
        foreach (BrokerEndpoint broker in known.OrderByDescending(b => Slot(b.Id, ConnectionPurpose.General).IsOpen))
        {
            try
            {
                return await Slot(broker.Id, ConnectionPurpose.General).GetAsync(broker, cancellationToken).ConfigureAwait(false);
            }
            catch (KafkaException failure) when (!IsFinal(failure))
            {
                failures.Add(new($"{broker.Host}:{broker.Port}", failure));
            }
        }

        return await BootstrapAsync(failures, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        foreach (BrokerSlot slot in _slots.Values)
        {
            await slot.DisposeAsync().ConfigureAwait(false);
        }

        _closing.Dispose();
    }

    private BrokerSlot Slot(int broker, ConnectionPurpose purpose) => _slots.GetOrAdd((broker, purpose), static (_, pool) => pool.NewSlot(), this);

    private BrokerSlot NewSlot()
    {
        var backoff = new ExponentialBackoff(_options.ReconnectBackoff, _options.ReconnectBackoffMax, _random);
        return new BrokerSlot(_connector.ConnectAsync, backoff, _options.TimeProvider, _closing.Token);
    }

    /// <summary>Tries all bootstrap addresses at the same time; the first that answers wins, the others are closed again.</summary>
    private async Task<Connection> BootstrapAsync(List<KeyValuePair<string, Exception>> failures, CancellationToken cancellationToken)
    {
        Dictionary<Task<Connection>, BrokerEndpoint> attempts = _bootstrap.ToDictionary(b => Slot(b.Id, ConnectionPurpose.General).GetAsync(b, cancellationToken));
        while (attempts.Count > 0)
        {
            Task<Connection> ended = await Task.WhenAny(attempts.Keys).ConfigureAwait(false);
            attempts.Remove(ended, out BrokerEndpoint? address);
            try
            {
                Connection winner = await ended.ConfigureAwait(false);
                foreach (BrokerEndpoint other in attempts.Values)
                {
                    // An attempt that is under way is closed once it ends; nobody waits for that.
                    _ = Slot(other.Id, ConnectionPurpose.General).DisposeAsync().AsTask();
                }

                return winner;
            }
            catch (KafkaException failure) when (!IsFinal(failure))
            {
                failures.Add(new($"{address!.Host}:{address.Port}", failure));
            }
        }

        // That no broker could be reached says less than that one was, and why it did not let us in.
        throw failures.Select(failure => failure.Value).OfType<AuthenticationException>().FirstOrDefault() ?? (Exception)new ClusterUnreachableException(failures);
    }

    // A credential that one broker refuses is refused by all; a certificate may be one broker's own trouble.
    private static bool IsFinal(KafkaException failure) => failure is AuthenticationException { Code: not ErrorCode.None };

    private BrokerEndpoint[] Shuffle(FrozenDictionary<int, BrokerEndpoint> brokers)
    {
        BrokerEndpoint[] shuffled = [.. brokers.Values];
        lock (_random)
        {
            _random.Shuffle(shuffled);
        }

        return shuffled;
    }
}
