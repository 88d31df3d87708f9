using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Administers a cluster. It holds nothing of its own: make as many as you like, nothing needs to be disposed.</summary>
public sealed partial class AdminClient
{
    private readonly KafkaCluster _cluster;

    internal AdminClient(KafkaCluster cluster) => _cluster = cluster;

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

    private async Task<TResult> AskAsync<TRequest, TResponse, TResult>(
        SingleOperation<TRequest, TResponse, TResult> operation, Route route, AdminOptions? options, CancellationToken cancellationToken)
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse> =>
        (await _cluster.Driver.RunAsync(operation, [route], LimitOf(options), cancellationToken).ConfigureAwait(false))[route].Value;
}
