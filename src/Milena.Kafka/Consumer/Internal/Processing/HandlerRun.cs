using System.Diagnostics;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>Runs the user's handler with one record until it is done with, by the policy for failures.</summary>
internal sealed class HandlerRun<TKey, TValue>
{
    private readonly ProcessingContext _context;
    private readonly WorkInProgress<TKey, TValue> _work;
    private readonly Func<ConsumeResult<TKey, TValue>, CancellationToken, ValueTask> _handler;
    private readonly CancellationToken _stopping;

    /// <param name="context">The consumer.</param>
    /// <param name="work">Where starts are noted.</param>
    /// <param name="handler">The user's.</param>
    /// <param name="stopping">Set off when no handler is to be started again.</param>
    public HandlerRun(
        ProcessingContext context, WorkInProgress<TKey, TValue> work, Func<ConsumeResult<TKey, TValue>, CancellationToken, ValueTask> handler, CancellationToken stopping)
    {
        _context = context;
        _work = work;
        _handler = handler;
        _stopping = stopping;
    }

    /// <summary>Processes a record.</summary>
    /// <returns>Whether it is done with; false if it was abandoned.</returns>
    /// <exception cref="ProcessingException">The policy is to stop.</exception>
    /// <exception cref="DeadLetterException">It could not be sent on.</exception>
    public async ValueTask<bool> ProcessAsync(WorkItem<TKey, TValue> item)
    {
        CancellationToken token = item.Partition.Token;
        for (int runs = 1; ; runs++)
        {
            Exception? fault = await RunAsync(item, token).ConfigureAwait(false);
            if (fault is null)
            {
                return true;
            }

            ConsumeResult<TKey, TValue> record = item.Record;
            if (token.IsCancellationRequested || (fault is OperationCanceledException && _stopping.IsCancellationRequested))
            {
                // Also a handler that follows the token of the whole run has not failed when that is set off.
                Log.HandlerAbandoned(_context.Log, record.TopicPartition, record.Offset, fault.Message);
                return false;
            }

            RetryDue retry = FailureNote.Read(record.Headers);
            FailureDecision decision = _context.Options.OnFailure.Decide(runs, retry.Attempt);
            switch (decision.Action)
            {
                case FailureAction.Stop:
                    throw new ProcessingException(record.TopicPartition, record.Offset, fault);
                case FailureAction.Skip:
                    Log.HandlerSkipped(_context.Log, record.TopicPartition, record.Offset, fault);
                    return true;
                case FailureAction.RunAgain:
                    Log.HandlerRunsAgain(_context.Log, record.TopicPartition, record.Offset, decision.Pause, fault.Message);
                    if (!await PauseAsync(decision.Pause, token).ConfigureAwait(false) || item.IsVoid)
                    {
                        return false;
                    }

                    _work.StartAgain(item);
                    break;
                default:
                    return await ForwardAsync(item, decision, retry.Attempt, fault, token).ConfigureAwait(false);
            }
        }
    }

    /// <returns>What the handler threw; null if it returned.</returns>
    private async ValueTask<Exception?> RunAsync(WorkItem<TKey, TValue> item, CancellationToken token)
    {
        ConsumeResult<TKey, TValue> record = item.Record;
        long started = _context.Metrics.HandlerStarts();
        using Activity? span = _context.Spans.StartProcess(record.TopicPartition, record.Offset, record.Headers, record.Key as string);
        Exception? fault = null;
        try
        {
            await _handler(record, token).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // The handler is the user's code and may throw anything; the policy decides.
            fault = thrown;
            ConsumeSpans.Failed(span, thrown);
        }

        _context.Metrics.HandlerEnded(record.Topic, started, fault);
        return fault;
    }

    private async ValueTask<bool> PauseAsync(TimeSpan pause, CancellationToken token)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, _stopping);
        await Task.Delay(pause, _context.Engine.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !either.IsCancellationRequested;
    }

    /// <returns>Whether it is stored; false if the record is not this consumer's any more.</returns>
    private async ValueTask<bool> ForwardAsync(WorkItem<TKey, TValue> item, FailureDecision decision, int sent, Exception fault, CancellationToken token)
    {
        ConsumeResult<TKey, TValue> record = item.Record;
        RetryDue? retry = decision.Action == FailureAction.RetryTopic
            ? new RetryDue(sent + 1, (_context.Engine.Time.GetUtcNow() + decision.Pause).ToUnixTimeMilliseconds())
            : null;
        var place = new FailedPlace(record.TopicPartition, record.Offset, record.UnixTimestamp);
        List<RecordHeader> headers = FailureNote.Write(record.Headers, place, fault, _context.GroupId, part: null, retry);
        string topic = decision.Topic!;
        try
        {
            await _context.Forward(new ForwardedRecord(topic, item.Stored!.Key, item.Stored.Value, headers), token).ConfigureAwait(false);
        }
        catch (Exception) when (token.IsCancellationRequested)
        {
            // The record is another member's by now, who deals with it.
            Log.HandlerAbandoned(_context.Log, record.TopicPartition, record.Offset, fault.Message);
            return false;
        }
        catch (KafkaException failure)
        {
            throw new DeadLetterException(record.TopicPartition, record.Offset, topic, new AggregateException(failure, fault));
        }

        Log.HandlerForwarded(_context.Log, record.TopicPartition, record.Offset, topic, fault.Message);
        return true;
    }
}
