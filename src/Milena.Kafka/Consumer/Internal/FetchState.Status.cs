namespace Milena.Kafka.Consumer.Internal;

/// <content>What is told of the state when somebody asks.</content>
internal sealed partial class FetchState
{
    /// <summary>How all partitions stand.</summary>
    /// <param name="now">The consumer's time.</param>
    /// <param name="utcNow">The time of day.</param>
    public List<PartitionStatus> Status(TimeSpan now, DateTimeOffset utcNow)
    {
        lock (_gate)
        {
            return [.. _subscription.Partitions.Select(s => StatusReport.Of(s, _hand, now, utcNow))];
        }
    }

    /// <summary>The lags that are known.</summary>
    public List<(TopicPartition Partition, long Lag)> Lags()
    {
        lock (_gate)
        {
            return [.. _subscription.Partitions.Select(s => (s.Partition, Lag: _hand.LagOf(s))).Where(l => l.Lag is not null).Select(l => (l.Partition, l.Lag!.Value))];
        }
    }

    /// <summary>Bytes that were fetched and not yet handed out.</summary>
    public long BufferedBytes()
    {
        lock (_gate)
        {
            return _subscription.Partitions.Sum(s => s.BufferedBytes);
        }
    }
}
