using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>A request to the cluster in one part, whose key is where it goes.</summary>
internal abstract class SingleOperation<TRequest, TResponse, TResult> : Operation<Route, TRequest, TResponse, TResult>
    where TRequest : IRequest<TResponse>
    where TResponse : IResponse<TResponse>
{
    public sealed override Route RouteOf(Route key) => key;

    public sealed override TRequest CreateRequest(IReadOnlyList<Route> keys, short version) => CreateRequest(version);

    public sealed override void Read(IReadOnlyList<Route> keys, TResponse response, AnswerSheet<Route, TResult> answers)
    {
        (ErrorCode error, string? detail) = ErrorOf(response);
        if (error == ErrorCode.None)
        {
            answers.Succeed(keys[0], Read(response));
        }
        else
        {
            answers.Fail(keys[0], error, detail);
        }
    }

    public override string Describe(Route key) => Api.ToString();

    protected abstract TRequest CreateRequest(short version);

    /// <summary>The error that the answer as a whole carries, and what the broker said in words.</summary>
    protected virtual (ErrorCode Error, string? Detail) ErrorOf(TResponse response) => (ErrorCode.None, null);

    /// <summary>What an answer without an error says.</summary>
    protected abstract TResult Read(TResponse response);
}
