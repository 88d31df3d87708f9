using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Looks up topics and start positions of assigned partitions, topic by topic, so that one that is missing holds up no other.</summary>
internal sealed class PositionPlacer
{
    private readonly KafkaCluster _cluster;
    private readonly OffsetLookup _lookup;
    private readonly FetchState _state;
    private readonly ILogger _log;

    public PositionPlacer(KafkaCluster cluster, OffsetLookup lookup, FetchState state, ILogger log)
    {
        _cluster = cluster;
        _lookup = lookup;
        _state = state;
        _log = log;
    }

    /// <summary>Looks up the partitions of one topic. The outcome, good or bad, goes to the <see cref="FetchState"/>.</summary>
    public async Task PlaceAsync(string topic, IReadOnlyCollection<PlacementOrder> orders, CancellationToken cancellationToken)
    {
        try
        {
            int count = await CountPartitionsAsync(topic, orders.Max(o => o.State.Partition.Partition), cancellationToken).ConfigureAwait(false);
            foreach (IGrouping<StartPosition, PlacementOrder> group in orders.GroupBy(o => o.Start))
            {
                PlacementOrder[] known = [.. group.Where(o => o.State.Partition.Partition < count)];
                Refuse(group.Except(known), count);
                if (known.Length > 0)
                {
                    TopicPartition[] partitions = [.. known.Select(o => o.State.Partition)];
                    Dictionary<TopicPartition, Answer<FoundOffset>> found = await _lookup.FindAsync(partitions, group.Key, cancellationToken).ConfigureAwait(false);
                    Place(known, found);
                }
            }
        }
        catch (KafkaException failure)
        {
            foreach (PlacementOrder order in orders)
            {
                _state.Place(order, Answer<FoundOffset>.Failed(failure));
            }
        }
    }

    /// <summary>Looks up partitions that the group has given, all at once: they exist, since its leader found them.</summary>
    public async Task PlaceCommittedAsync(IReadOnlyCollection<PlacementOrder> orders, CancellationToken cancellationToken)
    {
        try
        {
            TopicPartition[] partitions = [.. orders.Select(o => o.State.Partition)];
            Place(orders, await _lookup.FindAsync(partitions, StartPosition.Committed, cancellationToken).ConfigureAwait(false));
        }
        catch (KafkaException failure)
        {
            foreach (PlacementOrder order in orders)
            {
                _state.Place(order, Answer<FoundOffset>.Failed(failure));
            }
        }
    }

    private async Task<int> CountPartitionsAsync(string topic, int highest, CancellationToken cancellationToken)
    {
        TopicMetadata known = await GetTopicAsync(topic, cancellationToken).ConfigureAwait(false);
        if (highest >= known.Partitions.Count)
        {
            // Partitions may have been added since.
            await _cluster.Metadata.RefreshAsync(cancellationToken).ConfigureAwait(false);
            known = await GetTopicAsync(topic, cancellationToken).ConfigureAwait(false);
        }

        return known.Partitions.Count;
    }

    private ValueTask<TopicMetadata> GetTopicAsync(string topic, CancellationToken cancellationToken) =>
        _cluster.Metadata.GetTopicAsync(topic, allowCreation: false, _cluster.Options.ApiTimeout, cancellationToken);

    private void Refuse(IEnumerable<PlacementOrder> orders, int count)
    {
        foreach (PlacementOrder order in orders)
        {
            TopicPartition partition = order.State.Partition;
            string fault = $"Topic '{partition.Topic}' has {count} partitions, numbered from 0; there is no partition {partition.Partition}.";
            _state.Place(order, Answer<FoundOffset>.Failed(new UnknownPartitionException(partition, fault)));
        }
    }

    private void Place(IEnumerable<PlacementOrder> orders, Dictionary<TopicPartition, Answer<FoundOffset>> found)
    {
        foreach (PlacementOrder order in orders)
        {
            Answer<FoundOffset> answer = found[order.State.Partition];
            if (answer.Failure is { } failure)
            {
                Log.PlacementFailed(_log, order.State.Partition, failure.Message);
            }

            _state.Place(order, answer);
        }
    }
}
