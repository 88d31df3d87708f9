using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Sends a request that the user has made, and hands its answer out as it is.</summary>
internal sealed class RawOperation<TResponse> : SingleOperation<IRequest<TResponse>, TResponse, TResponse>
    where TResponse : IResponse<TResponse>
{
    private readonly IRequest<TResponse> _request;
    private readonly short? _maxVersion;

    public RawOperation(IRequest<TResponse> request, short? maxVersion)
    {
        _request = request;
        _maxVersion = maxVersion;
    }

    public override Api Api => _request.Api;

    public override short MaxVersion => _maxVersion ?? short.MaxValue;

    public override TimeSpan? TopicPatience => AdminErrors.TopicPatience;

    protected override IRequest<TResponse> CreateRequest(short version) => _request;

    protected override TResponse Read(TResponse response) => response;
}
