using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Ends batches: tells those who await them, those who do not, and those who flush, in this order.</summary>
internal sealed class BatchEnd
{
    private readonly ProducerContext _context;
    private readonly Action<DeliveryException, int> _reportFailure;

    /// <summary>Makes one.</summary>
    /// <param name="context">What the producer shares.</param>
    /// <param name="reportFailure">Tells the user of records that nobody awaits; may throw.</param>
    public BatchEnd(ProducerContext context, Action<DeliveryException, int> reportFailure)
    {
        _context = context;
        _reportFailure = reportFailure;
    }

    public void Store(ProducerBatch batch, long baseOffset, long logAppendTime)
    {
        if (batch.IsEnded)
        {
            // Its callers were told that the outcome is unknown.
            return;
        }

        _context.Metrics.BatchStored(batch);
        End(batch, new DeliveryOutcome(baseOffset, logAppendTime, null));
    }

    /// <summary>Fails a batch.</summary>
    /// <param name="batch">The batch; what it knows of itself says whether it can be in the log.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="code">A broker's error code, if there was one.</param>
    /// <param name="message">Why.</param>
    /// <param name="cause">The exception behind it, if there is one.</param>
    public void Fail(ProducerBatch batch, TopicPartition partition, ErrorCode code, string message, Exception? cause)
    {
        if (batch.IsEnded)
        {
            return;
        }

        Log.BatchFailed(_context.Logger, partition, batch.Count, StatusOf(batch), message);
        Drop(batch, partition, code, message, cause);
    }

    /// <summary>Fails a batch without a word in the log, since one word is said about many.</summary>
    /// <inheritdoc cref="Fail"/>
    public void Drop(ProducerBatch batch, TopicPartition partition, ErrorCode code, string message, Exception? cause)
    {
        if (batch.IsEnded)
        {
            return;
        }

        if (code == ErrorCode.TopicAuthorizationFailed && cause is null)
        {
            string denied = $"Grant this principal WRITE on topic '{partition.Topic}'.";
            cause = new AuthorizationException(code, denied) { ResourceName = partition.Topic, Operation = AclOperation.Write };
            message = $"{message} {denied}";
        }
        else if (code == ErrorCode.ProducerFenced)
        {
            cause ??= new ProducerFencedException(code, message);
        }

        DeliveryStatus status = StatusOf(batch);
        string known = status == DeliveryStatus.Unknown ? "It may be in the log all the same: an attempt may have reached it." : "It is not in the log.";
        _context.Metrics.BatchFailed(batch, code, cause);
        End(batch, DeliveryOutcome.Failed(new DeliveryFault(partition, status, code, $"A record for {partition} was not delivered: {message} {known}", cause)));
    }

    private static DeliveryStatus StatusOf(ProducerBatch batch) => batch.MayBeStored ? DeliveryStatus.Unknown : DeliveryStatus.NotStored;

    private void End(ProducerBatch batch, DeliveryOutcome outcome)
    {
        BatchDelivery delivery = batch.Delivery;
        if (outcome.Fault is { } failed && !batch.IsEnded)
        {
            // Before those who await it learn of it: none of them finds a transaction that can still be committed.
            _context.Transactions?.NoteFailed(batch, failed.ToException());
        }

        if (!batch.End(outcome))
        {
            return;
        }

        if ((delivery.Fault is not null && delivery.UnawaitedCount > 0) || delivery.Observed is not null)
        {
            // Never on the sender loop: handlers and observers are the user's code and may take their time.
            ThreadPool.UnsafeQueueUserWorkItem(static s => s.This.Report(s.Delivery), (This: this, Delivery: delivery), preferLocal: false);
            return;
        }

        _context.Tracker.Remove(delivery);
    }

    private void Report(BatchDelivery delivery)
    {
        try
        {
            delivery.Observed?.Tell(delivery);
            if (delivery.Fault is { } fault && delivery.UnawaitedCount > 0)
            {
                _reportFailure(fault.ToException(), delivery.UnawaitedCount);
            }
        }
        catch (Exception thrown)
        {
            Log.HandlerThrew(_context.Logger, thrown);
        }
        finally
        {
            _context.Tracker.Remove(delivery);
        }
    }
}
