using Milena.Kafka.Protocol;

namespace Milena.Kafka.Network.Internal;

/// <summary>A request that ends with a result.</summary>
/// <typeparam name="TResult">What the caller gets.</typeparam>
internal abstract class PendingRequest<TResult> : PendingRequest
{
    private readonly TaskCompletionSource<TResult> _response;

    /// <summary>Starts a request that is not yet encoded.</summary>
    /// <param name="api">The API.</param>
    /// <param name="isInline">Whether what awaits the outcome goes on within the call that sets it.</param>
    protected PendingRequest(Api api, bool isInline = false) : base(api)
    {
        _response = new(isInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The answer, or why there is none.</summary>
    public Task<TResult> Response => _response.Task;

    /// <inheritdoc/>
    public override Task Completion => _response.Task;

    /// <inheritdoc/>
    public override bool IsAnswered => true;

    /// <summary>Ends the request with its result.</summary>
    /// <returns>False if it was over, and nobody will take the result.</returns>
    protected bool TrySetResult(TResult result)
    {
        StopWatching();
        return _response.TrySetResult(result);
    }

    /// <inheritdoc/>
    protected override void SetException(Exception exception) => _response.TrySetException(exception);

    /// <inheritdoc/>
    protected override void SetCanceled(CancellationToken cancellationToken) => _response.TrySetCanceled(cancellationToken);
}
