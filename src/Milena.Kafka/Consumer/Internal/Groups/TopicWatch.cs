using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Tells a membership what topics there are: those of its subscription, by name or pattern, and their partitions.</summary>
internal sealed class TopicWatch
{
    private readonly KafkaCluster _cluster;
    private readonly FetchEngine _engine;
    private readonly ConsumerOptions _options;
    private readonly GroupSession _session;
    private readonly ILogger _log;
    private readonly HashSet<string> _reported = [];

    public TopicWatch(KafkaCluster cluster, FetchEngine engine, ConsumerOptions options, GroupSession session, ILogger log)
    {
        _cluster = cluster;
        _engine = engine;
        _options = options;
        _session = session;
        _log = log;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_options.TopicPattern is null)
        {
            string[] topics = [.. _options.Topics];
            _session.With(m => m.Subscribe(topics));
            _engine.Run(token => InsistAsync(topics, token));
        }
        else
        {
            _engine.Run(MatchLoopAsync);
        }

        ClusterSnapshot known = ClusterSnapshot.Empty;
        while (true)
        {
            known = await _cluster.Metadata.WaitForChangeAsync(known, cancellationToken).ConfigureAwait(false);
            Report(known);
            IReadOnlyDictionary<string, AssignableTopic> topics = Describe(known);
            _session.With(m => m.MetadataChanged(topics));
        }
    }

    /// <summary>Looks up topics; those that do not exist are left out.</summary>
    /// <exception cref="KafkaException">Metadata could not be fetched.</exception>
    public async Task<IReadOnlyDictionary<string, AssignableTopic>> DescribeAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        await _cluster.Metadata.UseTopicsAsync(topics, cancellationToken).ConfigureAwait(false);
        return Describe(_cluster.Metadata.Current);
    }

    /// <summary>Tells the membership the names of topics; those that cannot be found now are asked for again.</summary>
    public async Task FindAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        try
        {
            Dictionary<Guid, Answer<string>> found = await _cluster.Driver.RunAsync(new TopicNamesOperation(), ids, _cluster.Options.RequestTimeout, cancellationToken).ConfigureAwait(false);
            string[] names = [.. found.Values.Where(a => a.Failure is null).Select(a => a.Value)];
            if (names.Length > 0)
            {
                IReadOnlyDictionary<string, AssignableTopic> topics = await DescribeAsync(names, cancellationToken).ConfigureAwait(false);
                _session.With(m => m.TopicsDescribed(topics));
            }
        }
        catch (KafkaException failure)
        {
            Log.MetadataFailed(_log, failure.Message);
        }
    }

    private static Dictionary<string, AssignableTopic> Describe(ClusterSnapshot cluster)
    {
        var topics = new Dictionary<string, AssignableTopic>();
        foreach (TopicMetadata topic in cluster.Topics.Values.Where(t => t.Error == ErrorCode.None))
        {
            topics[topic.Name] = new AssignableTopic(topic.Name, topic.Partitions.Count, [.. topic.Partitions.Select(p => RacksOf(cluster, p))]) { Id = topic.Id };
        }

        return topics;
    }

    private static string[] RacksOf(ClusterSnapshot cluster, PartitionMetadata partition) =>
        [.. partition.Replicas.Select(r => cluster.Brokers.GetValueOrDefault(r)?.Rack).OfType<string>().Where(r => r.Length > 0).Distinct()];

    private async Task MatchLoopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                IReadOnlyList<string> all = await _cluster.Driver.RunAsync(new ListTopicsOperation(), "topics", cancellationToken).ConfigureAwait(false);
                string[] topics = [.. all.Where(IsMatch).Union(_options.Topics)];
                await _cluster.Metadata.UseTopicsAsync(topics, cancellationToken).ConfigureAwait(false);
                _session.With(m => m.Subscribe(topics));
            }
            catch (KafkaException failure)
            {
                Log.MetadataFailed(_log, failure.Message);
            }

            await Task.Delay(_cluster.Options.MetadataMaxAge, _engine.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A topic that is not there yet is asked for as often as a heartbeat is sent, not only when metadata is old.</summary>
    private async Task InsistAsync(string[] topics, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _cluster.Metadata.UseTopicsAsync(topics, cancellationToken).ConfigureAwait(false);
                ClusterSnapshot known = _cluster.Metadata.Current;
                if (topics.All(t => known.FindTopic(t) is { Error: ErrorCode.None }))
                {
                    await _cluster.Metadata.WaitForChangeAsync(known, cancellationToken).ConfigureAwait(false);
                    continue;
                }
            }
            catch (KafkaException failure)
            {
                Log.MetadataFailed(_log, failure.Message);
            }

            await Task.Delay(_options.HeartbeatInterval, _engine.Time, cancellationToken).ConfigureAwait(false);
            _cluster.Metadata.RequestRefresh();
        }
    }

    private bool IsMatch(string topic) => _options.TopicPattern!.Match(topic) is { Success: true, Index: 0 } match && match.Length == topic.Length;

    /// <summary>Says once what stands in the way of a topic that was named.</summary>
    private void Report(ClusterSnapshot cluster)
    {
        foreach (string name in _options.Topics)
        {
            ErrorCode error = cluster.FindTopic(name)?.Error ?? ErrorCode.None;
            if (error == ErrorCode.None)
            {
                _reported.Remove(name);
            }
            else if (_reported.Add(name))
            {
                Log.TopicUnavailable(_log, _options.GroupId!, name, error);
                if (error.Family() == ErrorFamily.Authorization)
                {
                    _engine.State.Tell(new AuthorizationException(error, $"Access to topic '{name}' is denied. Grant this principal READ and DESCRIBE on it.") { ResourceName = name, Operation = AclOperation.Describe });
                }
                else if (error == ErrorCode.InvalidTopicException)
                {
                    _engine.State.Tell(new KafkaException(error, $"Topic '{name}': {error.Meaning()} ({error.Name()})"));
                }
            }
        }
    }
}
