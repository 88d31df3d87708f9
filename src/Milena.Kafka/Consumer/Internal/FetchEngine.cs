using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>The consumer's machinery: its parts, and their life from the first enumeration to the closing.</summary>
internal sealed class FetchEngine : IAsyncDisposable
{
    private readonly Lock _startGate = new();
    private readonly KafkaCluster _cluster;
    private readonly ConsumerOptions _options;
    private readonly ConsumerClock _clock;
    private readonly BackgroundLoops _loops;
    private readonly FetchCoordinator _coordinator;
    private readonly CancellationTokenRegistration _clientClosing;
    private bool _isStarted;
    private bool _isDisposed;

    public FetchEngine(KafkaCluster cluster, ConsumerOptions options)
    {
        _cluster = cluster;
        _options = options;
        _clock = new ConsumerClock(cluster.Options.TimeProvider);
        _loops = new BackgroundLoops(OnLoopFailed);
        var backoff = new ExponentialBackoff(cluster.Options.RetryBackoff, cluster.Options.RetryBackoffMax, cluster.Random);
        Pool = cluster.CreatePool();
        Logger = cluster.Options.LoggerFactory.CreateLogger("Milena.Kafka.Consumer");
        State = new FetchState(new Subscription(options, backoff), Time);
        Metrics = new ConsumerMetrics(cluster.Options, options.GroupId, State);
        Spans = new ConsumeSpans(cluster.Options, options.GroupId);
        Offsets = new OffsetLookup(cluster, options);
        Landing = new FetchLanding(cluster, options, State, _clock, Logger);
        _coordinator = new FetchCoordinator(this, cluster, options, backoff);
        _clientClosing = cluster.Closing.UnsafeRegister(
            static state => ((FetchState)state!).End(new ObjectDisposedException(nameof(KafkaClient), "The client that made the consumer was disposed.")), State);
    }

    public FetchState State { get; }

    public bool IsDisposed
    {
        get
        {
            lock (_startGate)
            {
                return _isDisposed;
            }
        }
    }

    /// <summary>The membership in a group; null if partitions are assigned by hand.</summary>
    public Groups.GroupSession? Group { get; set; }

    /// <summary>Commits for the group; null if there is none.</summary>
    public Groups.OffsetCommitter? Committer { get; set; }

    public ILogger Logger { get; }

    public ConsumerMetrics Metrics { get; }

    public ConsumeSpans Spans { get; }

    /// <summary>The consumer's connections.</summary>
    public BrokerPool Pool { get; }

    public OffsetLookup Offsets { get; }

    public FetchLanding Landing { get; }

    public KafkaClientOptions Options => _cluster.Options;

    public TimeProvider Time => _clock.Time;

    /// <summary>The time since the consumer was made.</summary>
    public TimeSpan Now => _clock.Now;

    /// <summary>Set off when the consumer is disposed.</summary>
    public CancellationToken Closing => _loops.Closing;

    /// <summary>Starts the loops, once.</summary>
    public void Start()
    {
        lock (_startGate)
        {
            if (!_isStarted && !_isDisposed)
            {
                _isStarted = true;
                Run(_coordinator.RunAsync);
                Run(token => StallLog.RunAsync(this, _options.StatusInterval, token));
            }
        }
    }

    /// <inheritdoc cref="FetchCoordinator.Plan"/>
    public FetchPlan Plan(int brokerId, long buffered, TimeSpan lastAnswer) => _coordinator.Plan(brokerId, buffered, lastAnswer);

    /// <inheritdoc cref="FetchCoordinator.Wake"/>
    public void Wake(PartitionState partition) => _coordinator.Wake(partition);

    /// <summary>Runs a loop or look-up until the closing at the latest; if it fails, the whole consumer ends with its failure.</summary>
    public void Run(Func<CancellationToken, Task> work) => _loops.Run(work);

    public async ValueTask DisposeAsync()
    {
        lock (_startGate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        State.End(new ObjectDisposedException(nameof(KafkaClient), "The consumer was disposed."));
        await _clientClosing.DisposeAsync().ConfigureAwait(false);
        await _loops.DisposeAsync().ConfigureAwait(false);
        Metrics.Dispose();
        await Pool.DisposeAsync().ConfigureAwait(false);
    }

    private void OnLoopFailed(Exception failure, bool isClosing)
    {
        if (!isClosing)
        {
            Log.LoopFailed(Logger, failure);
        }

        State.End(failure);
    }
}
