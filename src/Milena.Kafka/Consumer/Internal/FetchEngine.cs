using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Starts and ends the consumer's loops: one that looks up positions and leaders, and one fetcher for each broker that is read from.</summary>
internal sealed class FetchEngine : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, BrokerFetcher> _fetchers = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _startGate = new();
    private readonly KafkaCluster _cluster;
    private readonly BrokerPool _pool;
    private readonly ConsumerOptions _options;
    private readonly ExponentialBackoff _backoff;
    private readonly PositionPlacer _placer;
    private readonly ILogger _log;
    private readonly long _started;
    private readonly CancellationTokenRegistration _clientClosing;
    private int _refreshing;
    private int _refreshFailures;
    private bool _isStarted;
    private bool _isDisposed;

    public FetchEngine(KafkaCluster cluster, ConsumerOptions options)
    {
        _cluster = cluster;
        _options = options;
        _pool = cluster.CreatePool();
        _backoff = new ExponentialBackoff(cluster.Options.RetryBackoff, cluster.Options.RetryBackoffMax, cluster.Random);
        _log = cluster.Options.LoggerFactory.CreateLogger("Milena.Kafka.Consumer");
        _started = Time.GetTimestamp();
        Closing = _closing.Token;
        State = new FetchState(new Subscription(options, _backoff), Time);
        Metrics = new ConsumerMetrics(cluster.Options, options.GroupId, State);
        Spans = new ConsumeSpans(cluster.Options, options.GroupId);
        Offsets = new OffsetLookup(cluster, options);
        _placer = new PositionPlacer(cluster, Offsets, State, _log);
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

    public ILogger Logger => _log;

    public ConsumerMetrics Metrics { get; }

    public ConsumeSpans Spans { get; }

    /// <summary>The consumer's connections.</summary>
    public BrokerPool Pool => _pool;

    public OffsetLookup Offsets { get; }

    public KafkaClientOptions Options => _cluster.Options;

    public TimeProvider Time => _cluster.Options.TimeProvider;

    /// <summary>The time since the consumer was made.</summary>
    public TimeSpan Now => Time.GetElapsedTime(_started);

    /// <summary>Set off when the consumer is disposed.</summary>
    public CancellationToken Closing { get; }

    /// <summary>Starts the loops, once.</summary>
    public void Start()
    {
        lock (_startGate)
        {
            if (!_isStarted && !_isDisposed)
            {
                _isStarted = true;
                Run(CoordinateAsync);
                Run(token => StallLog.RunAsync(this, _options.StatusInterval, token));
            }
        }
    }

    /// <summary>What a broker is to be asked next.</summary>
    public FetchPlan Plan(int brokerId, long buffered, TimeSpan lastAnswer)
    {
        TimeSpan now = Now;
        ClusterSnapshot cluster = _cluster.Metadata.Current;
        return State.With(subscription =>
        {
            if (subscription.Route(cluster, now))
            {
                // Partitions may have come to a broker whose fetcher sleeps or does not exist yet.
                State.Changed.Set();
            }

            long share = Math.Max(1, _options.QueuedMaxBytes / Math.Max(1, subscription.Brokers(now).Count()));
            return subscription.Plan(brokerId, now).Settle(share, buffered, lastAnswer, now, _options);
        });
    }

    /// <summary>Wakes the fetcher of a partition: there is room for more of it.</summary>
    public void Wake(PartitionState partition)
    {
        if (_fetchers.TryGetValue(partition.BrokerId, out BrokerFetcher? fetcher))
        {
            fetcher.Wake();
        }

        if (partition.ReadReplica is { } replica && _fetchers.TryGetValue(replica.BrokerId, out fetcher))
        {
            fetcher.Wake();
        }
    }

    /// <summary>Takes in what a broker said of one partition.</summary>
    public void Take(in FetchTarget target, FetchResponse.PartitionData answer, SharedResponse response)
    {
        State.Note(target.State, new FetchOutcome(Time.GetUtcNow(), target.State.BrokerId, answer.ErrorCode, answer.Records?.Length ?? 0));
        switch (FetchErrors.Decide(answer.ErrorCode))
        {
            case FetchAction.None when answer.DivergingEpoch.EndOffset >= 0:
                Truncate(target, answer.DivergingEpoch.EndOffset);
                break;
            case FetchAction.None:
                TakeRecords(target, answer, response);
                break;
            case FetchAction.OutOfRange:
                TakeOutOfRange(target);
                break;
            case FetchAction.Fail:
                State.Fail(target, FetchErrors.Exception(target.State.Partition, answer.ErrorCode));
                break;
            case var action:
                Log.PartitionFailed(_log, target.State.Partition, target.State.BrokerId, answer.ErrorCode);
                Delay([target], needsMetadata: action == FetchAction.RefreshMetadata);
                ApplyLeaderHint(target.State.Partition, answer, response.Response);
                break;
        }
    }

    /// <summary>A request failed as a whole; all that it asked for is asked again, maybe of another broker.</summary>
    public void BrokerFailed(int brokerId, FetchPlan plan, KafkaException failure)
    {
        // An answer that cannot be taken, such as one above MaxResponseSize, would come again: the user must know.
        bool isPoisoned = failure is PoisonedConnectionException || failure.InnerException is PoisonedConnectionException;
        if (isPoisoned || !failure.IsRetriable)
        {
            foreach (FetchTarget target in plan.Targets)
            {
                State.Fail(target, failure);
            }

            return;
        }

        Log.FetchFailed(_log, brokerId, failure.Message);
        Delay(plan.Targets, needsMetadata: true);
    }

    /// <summary>An answer failed as a whole. Mostly the session has ended, which is no harm; else nothing that was asked for can be read.</summary>
    public void SessionEnded(int brokerId, FetchPlan plan, ErrorCode error)
    {
        Log.SessionEnded(_log, brokerId, error);
        foreach (FetchTarget target in FetchErrors.Decide(error) == FetchAction.Fail ? plan.Targets : [])
        {
            State.Fail(target, FetchErrors.Exception(target.State.Partition, error));
        }
    }

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
        await _closing.CancelAsync().ConfigureAwait(false);
        while (!_running.IsEmpty)
        {
            await Task.WhenAll(_running.Keys).ConfigureAwait(false);
        }

        Metrics.Dispose();
        await _pool.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private void TakeRecords(in FetchTarget target, FetchResponse.PartitionData answer, SharedResponse response)
    {
        if (answer.PreferredReadReplica >= 0 && answer.PreferredReadReplica != target.State.BrokerId)
        {
            TimeSpan until = Now + Options.MetadataMaxAge;
            FetchTarget moved = target;
            State.With(_ => Subscription.ReadFrom(moved, answer.PreferredReadReplica, until));
            State.Changed.Set();
        }

        ReadOnlyMemory<byte> bytes = answer.Records ?? default;
        (long nextOffset, int lastEpoch) = FetchedEnd.Of(bytes, target.Position.Offset);
        if (bytes.Length > 0 && nextOffset > target.Position.Offset)
        {
            State.Add(new FetchedRecords(target, bytes, answer.AbortedTransactions, answer.HighWatermark, response), target, nextOffset, lastEpoch);
        }
        else if (bytes.Length > 0)
        {
            // Not one whole batch: a damaged head, which the reader reports, or a batch cut off behind other partitions.
            if (FetchedEnd.IsDamaged(bytes))
            {
                State.Add(new FetchedRecords(target, bytes, answer.AbortedTransactions, answer.HighWatermark, response), target, nextOffset, lastEpoch);
            }
            else
            {
                Delay([target], needsMetadata: false);
            }
        }
        else
        {
            FetchTarget empty = target;
            State.With(s => s.Advance(empty, 0, empty.Position.Offset, -1));
        }
    }

    private void TakeOutOfRange(FetchTarget target)
    {
        TimeSpan now = Now;
        OutOfRangeStep step = State.With(s => target.IsCurrent ? s.OutOfRange(target, now) : OutOfRangeStep.Wait);
        long offset = target.Position.Offset;
        switch (step)
        {
            case OutOfRangeStep.Fail:
                string message = $"{target.State.Partition}: offset {offset} is not in the log: retention has removed it, or the log ends before it. Seek to where reading is to go on.";
                State.Fail(target, new OffsetOutOfRangeException(target.State.Partition, offset, message));
                break;
            case OutOfRangeStep.Reset:
                Log.OutOfRange(_log, target.State.Partition, offset, target.State.Start.ToString());
                State.Changed.Set();
                break;
            default:
                break;
        }
    }

    /// <summary>The log has lost records that were fetched, by an unclean election (KIP-320): reading goes back to where the logs agree.</summary>
    private void Truncate(in FetchTarget target, long endOffset)
    {
        TopicPartition partition = target.State.Partition;
        if (!target.IsCurrent)
        {
            return;
        }

        if (_options.OutOfRange == OutOfRangePolicy.Fail)
        {
            string message = $"{partition}: the log was cut back to offset {endOffset} by an unclean leader election. Seek to where reading is to go on.";
            State.Fail(target, new OffsetOutOfRangeException(partition, target.Position.Offset, message));
            return;
        }

        Log.Truncated(_log, partition, endOffset);
        State.CutBack(target, endOffset);
    }

    private void ApplyLeaderHint(TopicPartition partition, FetchResponse.PartitionData answer, FetchResponse response)
    {
        int leader = answer.CurrentLeader.LeaderId;
        if (leader >= 0)
        {
            BrokerEndpoint? endpoint = response.NodeEndpoints
                .Where(n => n.NodeId == leader)
                .Select(n => new BrokerEndpoint(n.NodeId, n.Host, n.Port, n.Rack))
                .FirstOrDefault();
            _cluster.Metadata.ApplyLeader(partition, leader, answer.CurrentLeader.LeaderEpoch, endpoint);
        }
    }

    private void Delay(List<FetchTarget> targets, bool needsMetadata)
    {
        TimeSpan now = Now;
        State.With(subscription =>
        {
            foreach (FetchTarget target in targets.Where(t => t.IsCurrent))
            {
                subscription.Delay(target, needsMetadata, now);
            }

            return true;
        });
        if (needsMetadata)
        {
            State.Changed.Set();
        }
    }

    private async Task CoordinateAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await State.Changed.WaitAsync(Timeout.InfiniteTimeSpan, Time, cancellationToken).ConfigureAwait(false);
            List<PlacementOrder> orders = State.With(s => s.TakeUnplaced());
            List<PlacementOrder> committed = orders.FindAll(o => o.Start.Kind == StartKind.Committed);
            if (committed.Count > 0)
            {
                Run(token => _placer.PlaceCommittedAsync(committed, token));
            }

            foreach (IGrouping<string, PlacementOrder> topic in orders.Except(committed).GroupBy(o => o.State.Partition.Topic))
            {
                Run(token => _placer.PlaceAsync(topic.Key, [.. topic], token));
            }

            StartFetchers();
            if (State.With(s => s.NeedsMetadata()) && Interlocked.Exchange(ref _refreshing, 1) == 0)
            {
                Run(RefreshAsync);
            }
        }
    }

    private void StartFetchers()
    {
        TimeSpan now = Now;
        ClusterSnapshot cluster = _cluster.Metadata.Current;
        List<int> brokers = State.With(s =>
        {
            s.Route(cluster, now);
            return s.Brokers(now).ToList();
        });
        foreach (int broker in brokers.Where(b => !_fetchers.ContainsKey(b)))
        {
            var fetcher = new BrokerFetcher(broker, this, _pool, _options, _backoff);
            _fetchers[broker] = fetcher;
            Run(fetcher.RunAsync);
        }

        foreach (BrokerFetcher fetcher in _fetchers.Values)
        {
            fetcher.Wake();
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(_backoff.Pause(_refreshFailures), Time, cancellationToken).ConfigureAwait(false);
            await _cluster.Metadata.RefreshAsync(cancellationToken).ConfigureAwait(false);
            TimeSpan now = Now;
            ClusterSnapshot cluster = _cluster.Metadata.Current;
            List<PartitionState> lost = State.With(s =>
            {
                s.MetadataArrived(cluster, now);
                return s.Lost(now, Options.ApiTimeout);
            });
            lost.ForEach(Report);
            _refreshFailures = State.With(s => s.NeedsMetadata()) ? _refreshFailures + 1 : 0;
        }
        catch (KafkaException failure)
        {
            Log.MetadataFailed(_log, failure.Message);
            _refreshFailures++;
        }

        // Not when it ended otherwise: that is the end of the consumer, and would come again at once, without end.
        Volatile.Write(ref _refreshing, 0);
        State.Changed.Set();
    }

    private void Report(PartitionState lost)
    {
        string message = $"{lost.Partition} is not there any more: the cluster has not known it for {Options.ApiTimeout.TotalSeconds:0.#} s.";
        TopicMetadata? topic = _cluster.Metadata.Current.FindTopic(lost.Partition.Topic);
        State.Fail(lost, topic is { Error: ErrorCode.None } ? new UnknownPartitionException(lost.Partition, message) : new UnknownTopicException(lost.Partition.Topic, message));
    }

    /// <summary>Runs a loop or look-up. How it may end is decided here: by the closing, or the whole consumer ends with its failure.</summary>
    public void Run(Func<CancellationToken, Task> work)
    {
        CancellationToken closing = Closing;
        var ended = new TaskCompletionSource();
        _running.TryAdd(ended.Task, true);
        _ = Task.Run(
            async () =>
            {
                try
                {
                    await work(closing).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (closing.IsCancellationRequested)
                {
                    // Closing; nobody waits for it.
                }
                catch (Exception failure)
                {
                    if (!closing.IsCancellationRequested)
                    {
                        Log.LoopFailed(_log, failure);
                    }

                    State.End(failure);
                }

                _running.TryRemove(ended.Task, out _);
                ended.SetResult();
            },
            CancellationToken.None);
    }
}
