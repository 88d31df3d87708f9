using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Network.Internal;

namespace Milena.Kafka.Producer.Internal;

/// <summary>A sender's connection to its broker, made without ever keeping the loop waiting. Used by the loop alone.</summary>
internal sealed class BrokerLink
{
    private readonly int _broker;
    private readonly ProducerContext _context;
    private readonly BrokerPool _pool;
    private readonly WakeSignal _signal;
    private readonly CancellationToken _closing;
    private Connection? _connection;
    private Task<Connection>? _connecting;
    private AuthenticationException? _refusal;
    private TimeSpan _readyAt;
    private int _failures;

    public BrokerLink(int broker, ProducerContext context, BrokerPool pool, WakeSignal signal, CancellationToken closing)
    {
        _broker = broker;
        _context = context;
        _pool = pool;
        _signal = signal;
        _closing = closing;
    }

    /// <summary>Why the last attempt to connect failed; null once one has succeeded.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>When it is worth asking for the connection; the greatest time while an attempt is under way, whose end wakes the loop.</summary>
    /// <remarks>An attempt that has ended counts as ready also before anyone has looked at it: its wake-up comes once, and may come while batches pause.</remarks>
    public TimeSpan ReadyAt => _connecting is { IsCompleted: true } ? TimeSpan.Zero : _readyAt;

    public bool IsOpen => _connection is { State: ConnectionState.Ready };

    /// <summary>The open connection. If there is none, null, and an attempt is under way or due at <see cref="ReadyAt"/>.</summary>
    public Connection? Connection
    {
        get
        {
            if (_connection is { State: ConnectionState.Ready })
            {
                return _connection;
            }

            _connection = null;
            if (_connecting is { IsCompleted: true } ended)
            {
                _connecting = null;
                Take(ended);
            }

            if (_connection is null && _connecting is null && _context.Clock.Now >= _readyAt)
            {
                Begin();
            }

            return _connection;
        }
    }

    /// <summary>Why the broker did not let the last attempt in, told once for each attempt; null if that was not the reason.</summary>
    public AuthenticationException? TakeRefusal()
    {
        AuthenticationException? refusal = _refusal;
        _refusal = null;
        return refusal;
    }

    private void Begin()
    {
        Task<Connection> attempt = _pool.GetAsync(_broker, ConnectionPurpose.Produce, _closing);
        if (attempt.IsCompletedSuccessfully)
        {
            Take(attempt);
            return;
        }

        _connecting = attempt;
        _readyAt = TimeSpan.MaxValue;
        _ = attempt.ContinueWith(static (_, s) => ((WakeSignal)s!).Set(), _signal, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Take(Task<Connection> ended)
    {
        if (ended.IsCompletedSuccessfully)
        {
            _connection = ended.GetAwaiter().GetResult();
            LastFailure = null;
            _readyAt = TimeSpan.Zero;
            _failures = 0;
            if (_connection.State != ConnectionState.Ready)
            {
                // It closed between its opening and this look; the next look asks for another.
                _connection = null;
                _readyAt = _context.Clock.Now + _context.Backoff.Pause(1);
            }

            return;
        }

        LastFailure = ended.Exception?.InnerException ?? new OperationCanceledException("The attempt to connect was cancelled.");
        _refusal = LastFailure as AuthenticationException;
        _readyAt = _context.Clock.Now + _context.Backoff.Pause(++_failures);
        if (!_closing.IsCancellationRequested)
        {
            // The broker may have moved, or others may lead its partitions by now.
            Log.BrokerUnreachable(_context.Logger, _broker, LastFailure);
            _context.RequestMetadata();
        }
    }
}
