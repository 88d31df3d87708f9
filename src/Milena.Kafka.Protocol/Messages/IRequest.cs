namespace Milena.Kafka.Protocol;

/// <summary>The body of a request.</summary>
public interface IRequest : IMessage
{
    /// <summary>The API that the request belongs to.</summary>
    Api Api { get; }
}

/// <summary>The body of a request that names its response.</summary>
/// <typeparam name="TResponse">What the broker answers with.</typeparam>
public interface IRequest<TResponse> : IRequest
    where TResponse : IResponse<TResponse>;
