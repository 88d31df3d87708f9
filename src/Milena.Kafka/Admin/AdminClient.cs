using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka;

/// <summary>Administers a cluster. It holds nothing of its own: make as many as you like, nothing needs to be disposed.</summary>
public sealed class AdminClient
{
    private readonly KafkaCluster _cluster;

    internal AdminClient(KafkaCluster cluster) => _cluster = cluster;

    /// <summary>Creates a topic and waits until the controller has it.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="cancellationToken">Ends the waiting; the topic may be created all the same.</param>
    /// <exception cref="KafkaException">The topic exists (<c>TOPIC_ALREADY_EXISTS</c>), or cannot be as asked.</exception>
    public Task CreateTopicAsync(NewTopic topic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return _cluster.Driver.RunAsync(new CreateTopicsOperation([topic], _cluster.Options.RequestTimeout), topic.Name, cancellationToken);
    }

    /// <summary>Deletes a topic with all its records.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="cancellationToken">Ends the waiting; the topic may be deleted all the same.</param>
    /// <exception cref="KafkaException">The topic does not exist, or the cluster forbids it.</exception>
    public Task DeleteTopicAsync(string topic, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        return _cluster.Driver.RunAsync(new DeleteTopicsOperation(_cluster.Options.RequestTimeout), topic, cancellationToken);
    }
}
