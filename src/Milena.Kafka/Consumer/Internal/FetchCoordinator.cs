using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>The loop that has positions and leaders looked up, and a fetcher for each broker that is read from.</summary>
internal sealed class FetchCoordinator
{
    private readonly ConcurrentDictionary<int, BrokerFetcher> _fetchers = new();
    private readonly FetchEngine _engine;
    private readonly KafkaCluster _cluster;
    private readonly ConsumerOptions _options;
    private readonly ExponentialBackoff _backoff;
    private readonly PositionPlacer _placer;
    private readonly FetchState _state;
    private int _refreshing;
    private int _refreshFailures;

    public FetchCoordinator(FetchEngine engine, KafkaCluster cluster, ConsumerOptions options, ExponentialBackoff backoff)
    {
        _engine = engine;
        _cluster = cluster;
        _options = options;
        _backoff = backoff;
        _state = engine.State;
        _placer = new PositionPlacer(cluster, engine.Offsets, engine.State, engine.Logger);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _state.Changed.WaitAsync(Timeout.InfiniteTimeSpan, _engine.Time, cancellationToken).ConfigureAwait(false);
            Place(_state.With(s => s.TakeUnplaced()));
            StartFetchers();
            if (_state.With(s => s.NeedsMetadata()) && Interlocked.Exchange(ref _refreshing, 1) == 0)
            {
                _engine.Run(RefreshAsync);
            }
        }
    }

    /// <summary>What a broker is to be asked next.</summary>
    public FetchPlan Plan(int brokerId, long buffered, TimeSpan lastAnswer)
    {
        TimeSpan now = _engine.Now;
        ClusterSnapshot cluster = _cluster.Metadata.Current;
        return _state.With(subscription =>
        {
            if (subscription.Route(cluster, now))
            {
                // Partitions may have come to a broker whose fetcher sleeps or does not exist yet.
                _state.Changed.Set();
            }

            long share = Math.Max(1, _options.QueuedMaxBytes / Math.Max(1, subscription.Brokers(now).Count()));
            return subscription.Plan(brokerId, now).Settle(share, buffered, lastAnswer, now, _options);
        });
    }

    /// <summary>Wakes the fetchers of a partition: there is room for more of it.</summary>
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

    private void Place(List<PlacementOrder> orders)
    {
        List<PlacementOrder> committed = orders.FindAll(o => o.Start.Kind == StartKind.Committed);
        if (committed.Count > 0)
        {
            _engine.Run(token => _placer.PlaceCommittedAsync(committed, token));
        }

        foreach (IGrouping<string, PlacementOrder> topic in orders.Except(committed).GroupBy(o => o.State.Partition.Topic))
        {
            _engine.Run(token => _placer.PlaceAsync(topic.Key, [.. topic], token));
        }
    }

    private void StartFetchers()
    {
        TimeSpan now = _engine.Now;
        ClusterSnapshot cluster = _cluster.Metadata.Current;
        List<int> brokers = _state.With(s =>
        {
            s.Route(cluster, now);
            return s.Brokers(now).ToList();
        });
        foreach (int broker in brokers.Where(b => !_fetchers.ContainsKey(b)))
        {
            var fetcher = new BrokerFetcher(broker, _engine, _options, _backoff);
            _fetchers[broker] = fetcher;
            _engine.Run(fetcher.RunAsync);
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
            await Task.Delay(_backoff.Pause(_refreshFailures), _engine.Time, cancellationToken).ConfigureAwait(false);
            await _cluster.Metadata.RefreshAsync(cancellationToken).ConfigureAwait(false);
            TimeSpan now = _engine.Now;
            ClusterSnapshot cluster = _cluster.Metadata.Current;
            List<PartitionState> lost = _state.With(s =>
            {
                s.MetadataArrived(cluster, now);
                return s.Lost(now, _cluster.Options.ApiTimeout);
            });
            lost.ForEach(Report);
            _refreshFailures = _state.With(s => s.NeedsMetadata()) ? _refreshFailures + 1 : 0;
        }
        catch (KafkaException failure)
        {
            Log.MetadataFailed(_engine.Logger, failure.Message);
            _refreshFailures++;
        }

        // Not when it ended otherwise: that is the end of the consumer, and would come again at once, without end.
        Volatile.Write(ref _refreshing, 0);
        _state.Changed.Set();
    }

    private void Report(PartitionState lost)
    {
        string message = $"{lost.Partition} is not there any more: the cluster has not known it for {_cluster.Options.ApiTimeout.TotalSeconds:0.#} s.";
        TopicMetadata? topic = _cluster.Metadata.Current.FindTopic(lost.Partition.Topic);
        _state.Fail(lost, topic is { Error: Protocol.ErrorCode.None } ? new UnknownPartitionException(lost.Partition, message) : new UnknownTopicException(lost.Partition.Topic, message));
    }
}
