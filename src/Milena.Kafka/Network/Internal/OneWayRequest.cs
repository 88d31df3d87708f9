using Milena.Kafka.Protocol;

namespace Milena.Kafka.Network.Internal;

/// <summary>A request that is never answered (Produce with acks 0); it is over when it was written.</summary>
internal sealed class OneWayRequest(Api api) : PendingRequest(api)
{
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public override Task Completion => _written.Task;

    /// <inheritdoc/>
    public override bool IsAnswered => false;

    /// <inheritdoc/>
    public override void OnWritten()
    {
        StopWatching();
        _written.TrySetResult();
    }

    /// <inheritdoc/>
    public override TimeSpan Read(Frame frame) => throw new InvalidOperationException("A one-way request has no answer.");

    /// <inheritdoc/>
    public override void Finish() => throw new InvalidOperationException("A one-way request has no answer.");

    /// <inheritdoc/>
    protected override void SetException(Exception exception) => _written.TrySetException(exception);

    /// <inheritdoc/>
    protected override void SetCanceled(CancellationToken cancellationToken) => _written.TrySetCanceled(cancellationToken);
}
