using Milena.Kafka.Common;
using Milena.Kafka.Network.Internal;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>The one connection to a broker for a purpose: opened when it is asked for, opened again after it closed, not faster than the back-off allows.</summary>
internal sealed class BrokerSlot : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Func<BrokerEndpoint, CancellationToken, Task<Connection>> _open;
    private readonly ExponentialBackoff _backoff;
    private readonly TimeProvider _time;
    private readonly CancellationToken _closing;
    private Task<Connection>? _connection;
    private Task<Connection>? _retiring;
    private BrokerEndpoint? _endpoint;
    private int _failures;
    private DateTimeOffset _lastFailure;

    public BrokerSlot(Func<BrokerEndpoint, CancellationToken, Task<Connection>> open, ExponentialBackoff backoff, TimeProvider time, CancellationToken closing)
    {
        _open = open;
        _backoff = backoff;
        _time = time;
        _closing = closing;
    }

    /// <summary>Whether a request could be sent at once.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return IsUsable(_connection);
            }
        }
    }

    /// <summary>The open connection, or the one that is being opened. All who ask meanwhile share one attempt and its failure.</summary>
    public Task<Connection> GetAsync(BrokerEndpoint endpoint, CancellationToken cancellationToken)
    {
        Task<Connection> connection;
        Task<Connection>? moved = null;
        lock (_lock)
        {
            bool sameAddress = _endpoint is not null && _endpoint.Host == endpoint.Host && _endpoint.Port == endpoint.Port;
            if (_connection is null || !sameAddress || (_connection.IsCompleted && !IsUsable(_connection)))
            {
                moved = sameAddress ? null : _connection;
                _retiring = sameAddress ? _connection : null;
                _endpoint = endpoint;
                _connection = OpenAsync(endpoint);
            }

            connection = _connection;
        }

        if (moved is not null)
        {
            // The broker has another address now; what still waits on the old one ends with it.
            _ = DisposeConnectionAsync(moved);
        }

        return connection.IsCompletedSuccessfully ? connection : connection.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Task<Connection>? connection;
        Task<Connection>? retiring;
        lock (_lock)
        {
            connection = _connection;
            retiring = _retiring;
            _connection = null;
            _retiring = null;
        }

        if (retiring is not null)
        {
            await DisposeConnectionAsync(retiring).ConfigureAwait(false);
        }

        if (connection is not null)
        {
            await DisposeConnectionAsync(connection).ConfigureAwait(false);
        }
    }

    private static bool IsUsable(Task<Connection>? connection) => connection is { IsCompletedSuccessfully: true } && connection.GetAwaiter().GetResult().State == ConnectionState.Ready;

    private static async Task DisposeConnectionAsync(Task<Connection> connection)
    {
        try
        {
            Connection opened = await connection.ConfigureAwait(false);
            await opened.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is KafkaException or ObjectDisposedException)
        {
            // It was never opened; those who asked for it have been told.
        }
    }

    private async Task<Connection> OpenAsync(BrokerEndpoint endpoint)
    {
        // Leave the caller's lock before anything runs.
        await Task.Yield();
        try
        {
            TimeSpan pause = _backoff.Pause(_failures) - (_time.GetUtcNow() - _lastFailure);
            if (_failures > 0 && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, _time, _closing).ConfigureAwait(false);
            }

            Connection connection = await _open(endpoint, _closing).ConfigureAwait(false);
            _failures = 0;
            return connection;
        }
        catch (KafkaException)
        {
            _failures++;
            _lastFailure = _time.GetUtcNow();
            throw;
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(KafkaClient));
        }
    }
}
