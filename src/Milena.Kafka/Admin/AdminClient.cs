using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Administers a cluster. It holds nothing of its own: make as many as you like, nothing needs to be disposed.</summary>
public sealed partial class AdminClient
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

    /// <summary>Deletes topics with all their records. Each has an answer of its own.</summary>
    /// <param name="topics">The topics' names.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; topics may be deleted all the same.</param>
    public Task<AdminOutcome<string>> DeleteTopicsAsync(IEnumerable<string> topics, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(new DeleteTopicsOperation(BrokerLimitOf(options)), topics, options, cancellationToken);

    private TimeSpan LimitOf(AdminOptions? options) => options?.Timeout ?? _cluster.Options.ApiTimeout;

    /// <summary>How long a broker may work at one request; no longer than its answer is waited for.</summary>
    private TimeSpan BrokerLimitOf(AdminOptions? options) => TimeSpan.FromTicks(Math.Min(LimitOf(options).Ticks, _cluster.Options.RequestTimeout.Ticks));

    private async Task<AdminOutcome<TKey>> ChangeAsync<TKey, TRequest, TResponse>(
        Operation<TKey, TRequest, TResponse, bool> operation, IEnumerable<TKey> keys, AdminOptions? options, CancellationToken cancellationToken)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse> =>
        AdminOutcome<TKey>.From(await _cluster.Driver.RunAsync(operation, [.. keys], LimitOf(options), cancellationToken).ConfigureAwait(false));

    private async Task<AdminResults<TKey, TResult>> AskAsync<TKey, TRequest, TResponse, TResult>(
        Operation<TKey, TRequest, TResponse, TResult> operation, IEnumerable<TKey> keys, AdminOptions? options, CancellationToken cancellationToken)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse> =>
        AdminResults<TKey, TResult>.From(await _cluster.Driver.RunAsync(operation, [.. keys], LimitOf(options), cancellationToken).ConfigureAwait(false));
}
