using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Serves the requests of one API at all its versions.</summary>
internal interface IRequestHandler
{
    Api Api { get; }

    /// <summary>Carries a request out.</summary>
    /// <returns>The answer; null if the request wants none.</returns>
    ValueTask<IResponse?> HandleAsync(IRequest request, RequestContext context);

    /// <summary>Answers a request with an error wherever the answer has room for one, and does nothing else.</summary>
    IResponse? Fail(IRequest request, ErrorCode error, RequestContext context);

    /// <summary>Whether a request names a topic, or a partition of it.</summary>
    bool IsAbout(IRequest request, string topic, int? partition, RequestContext context);
}
