using System.Threading.Tasks.Sources;

namespace Milena.Kafka.Producer.Internal;

/// <summary>A delivery that one caller may stop to wait for: one object, which is the task of the caller itself.</summary>
internal sealed class CancellableDelivery : TaskCompletionSource<DeliveryResult>
{
    private readonly AcceptedRecord _record;
    private readonly CancellationToken _token;
    private CancellationTokenRegistration _registration;

    private CancellableDelivery(AcceptedRecord record, CancellationToken cancellationToken) : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _record = record;
        _token = cancellationToken;
    }

    /// <summary>The result of a record, or an <see cref="OperationCanceledException"/> if the token comes first.</summary>
    public static ValueTask<DeliveryResult> WaitAsync(in AcceptedRecord record, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled || record.IsEnded)
        {
            return record.Result;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<DeliveryResult>(cancellationToken);
        }

        var waiting = new CancellableDelivery(record, cancellationToken);
        waiting.Begin();
        return new ValueTask<DeliveryResult>(waiting.Task);
    }

    private void Begin()
    {
        _registration = _token.UnsafeRegister(static s => ((CancellableDelivery)s!).Cancel(), this);
        _record.Delivery.OnCompleted(static s => ((CancellableDelivery)s!).Complete(), this, _record.Token, ValueTaskSourceOnCompletedFlags.None);
    }

    private void Cancel() => TrySetCanceled(_token);

    private void Complete()
    {
        _registration.Unregister();
        if (_record.ReadOutcome(out DeliveryResult result) is { } fault)
        {
            TrySetException(fault.ToException());
        }
        else
        {
            TrySetResult(result);
        }
    }
}
