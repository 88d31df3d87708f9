using System.Globalization;
using Milena.Kafka.Testing.Configs;

namespace Milena.Kafka.Testing.State;

/// <summary>
/// Looks over all logs from time to time, and over the producers that they remember. It has no timer: with the first request after the time has come, old records go before anybody can ask for them.
/// Thread-safe.
/// </summary>
internal sealed class LogKeeper(ClusterState cluster)
{
    private long _last = cluster.Time.GetUtcNow().Ticks;

    /// <summary>Cleans all logs if it is time.</summary>
    public void LookOver()
    {
        long last = Volatile.Read(ref _last);
        long now = cluster.Time.GetUtcNow().Ticks;
        if (now - last >= cluster.Options.LogRetentionCheckInterval.Ticks && Interlocked.CompareExchange(ref _last, now, last) == last)
        {
            Clean(cluster.Topics, isForced: false);
        }
    }

    /// <summary>Cleans the logs of topics at once, their newest segments too.</summary>
    public void Clean(IEnumerable<TopicState> topics) => Clean(topics, isForced: true);

    private void Clean(IEnumerable<TopicState> topics, bool isForced)
    {
        TimeSpan silence = TimeSpan.FromMilliseconds(int.Parse(cluster.Configs.ValueOfBrokers(BrokerSchema.ProducerIdExpiration), CultureInfo.InvariantCulture));
        foreach (PartitionState partition in topics.SelectMany(topic => topic.Partitions))
        {
            partition.CleanUp(cluster.Time, cluster.Options.Codecs, isForced);
            partition.ForgetProducers(cluster.Time.GetUtcNow() - silence);
        }
    }
}
