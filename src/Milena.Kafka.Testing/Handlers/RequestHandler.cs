using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Gives a handler its own request and response types.</summary>
internal abstract class RequestHandler<TRequest, TResponse>(Api api) : IRequestHandler
    where TRequest : class, IRequest<TResponse>
    where TResponse : class, IResponse<TResponse>
{
    public Api Api { get; } = api;

    async ValueTask<IResponse?> IRequestHandler.HandleAsync(IRequest request, RequestContext context) =>
        Rights.OnCluster(Api.Key) is { } right && !context.Allows(ResourceType.Cluster, RequestContext.ClusterName, right)
            ? Fail((TRequest)request, ErrorCode.ClusterAuthorizationFailed, context)
            : await HandleAsync((TRequest)request, context).ConfigureAwait(false);

    IResponse? IRequestHandler.Fail(IRequest request, ErrorCode error, RequestContext context) => Fail((TRequest)request, error, context);

    bool IRequestHandler.IsAbout(IRequest request, string topic, int? partition, RequestContext context) =>
        Targets((TRequest)request, context).Any(target => target.Topic == topic && (partition is null || target.Partition is null || target.Partition == partition));

    protected virtual ValueTask<TResponse?> HandleAsync(TRequest request, RequestContext context) => new(Handle(request, context));

    /// <summary>Answers without waiting for anything.</summary>
    protected virtual TResponse? Handle(TRequest request, RequestContext context) =>
        throw new NotSupportedException($"The handler of {Api} answers neither at once nor later.");

    protected abstract TResponse? Fail(TRequest request, ErrorCode error, RequestContext context);

    /// <summary>The topics and partitions that a request names.</summary>
    protected virtual IEnumerable<(string Topic, int? Partition)> Targets(TRequest request, RequestContext context) => [];
}
