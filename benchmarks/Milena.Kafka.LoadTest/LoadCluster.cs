using Milena.Kafka.Protocol;

namespace Milena.Kafka.LoadTest;

/// <summary>The cluster of a run: the one that was named, or an embedded one for this run alone.</summary>
internal sealed class LoadCluster : IAsyncDisposable
{
    private readonly EmbeddedBroker? _embedded;

    private LoadCluster(LoadTarget target, EmbeddedBroker? embedded)
    {
        Target = target;
        _embedded = embedded;
    }

    public LoadTarget Target { get; }

    /// <summary>Finds or starts the cluster; the topic is there afterwards.</summary>
    /// <param name="settings">The cluster, the topic.</param>
    /// <param name="filled">The records that an embedded cluster is to hold before it is used.</param>
    public static async Task<LoadCluster> OpenAsync(LoadSettings settings, long filled)
    {
        if (settings.Bootstrap is null)
        {
            EmbeddedBroker embedded = await EmbeddedBroker.StartAsync(settings, filled);
            return new LoadCluster(new LoadTarget(embedded.Bootstrap, embedded.AuthorityPem), embedded);
        }

        await CreateTopicAsync(settings);
        return new LoadCluster(new LoadTarget(settings.Bootstrap, null), null);
    }

    public ValueTask DisposeAsync() => _embedded?.DisposeAsync() ?? default;

    private static async Task CreateTopicAsync(LoadSettings settings)
    {
        await using var kafka = new KafkaClient(settings.Bootstrap!);
        try
        {
            await kafka.CreateAdmin().CreateTopicAsync(new NewTopic(settings.Topic) { Partitions = settings.Partitions });
        }
        catch (KafkaException exists) when (exists.Code == ErrorCode.TopicAlreadyExists)
        {
            // The run goes on with the partitions that it has.
        }
    }
}
