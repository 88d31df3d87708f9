using System.Threading.Tasks.Sources;

namespace Milena.Kafka.Producer.Internal;

/// <summary>A delivery that its caller may stop to wait for. It costs one small object; the token is looked at only while somebody really waits.</summary>
/// <remarks>Like the delivery itself it may be awaited more than once.</remarks>
internal sealed class CancellableDelivery : IValueTaskSource<DeliveryResult>
{
    private readonly AcceptedRecord _record;
    private readonly CancellationToken _cancellationToken;

    private CancellableDelivery(in AcceptedRecord record, CancellationToken cancellationToken)
    {
        _record = record;
        _cancellationToken = cancellationToken;
    }

    /// <summary>The result of a record, or an <see cref="OperationCanceledException"/> if the token comes first.</summary>
    public static ValueTask<DeliveryResult> WaitAsync(in AcceptedRecord record, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? new ValueTask<DeliveryResult>(new CancellableDelivery(in record, cancellationToken), 0) : record.Result;

    public ValueTaskSourceStatus GetStatus(short token)
    {
        ValueTaskSourceStatus status = _record.Delivery.GetStatus(_record.Token);
        return status == ValueTaskSourceStatus.Pending && _cancellationToken.IsCancellationRequested ? ValueTaskSourceStatus.Canceled : status;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        new Wait(new DeliveryContinuation(continuation, state, flags)).Begin(in _record, _cancellationToken);

    public DeliveryResult GetResult(short token)
    {
        if (!_record.IsEnded)
        {
            _cancellationToken.ThrowIfCancellationRequested();
        }

        return _record.Delivery.GetResult(_record.Token);
    }

    /// <summary>One who waits for whatever comes first.</summary>
    private sealed class Wait(DeliveryContinuation continuation)
    {
        private CancellationTokenRegistration _registration;
        private int _isOver;

        public void Begin(in AcceptedRecord record, CancellationToken cancellationToken)
        {
            _registration = cancellationToken.UnsafeRegister(static s => ((Wait)s!).End(), this);
            record.Delivery.OnCompleted(static s => ((Wait)s!).Unregister(), this, record.Token, ValueTaskSourceOnCompletedFlags.None);
        }

        private void Unregister()
        {
            _registration.Unregister();
            End();
        }

        private void End()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                continuation.Schedule();
            }
        }
    }
}
