using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Consumer.Internal.Processing;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>Brings a batch through the handler, and deals by policy with what cannot be read or processed, all within a transaction. Used by the loop alone.</summary>
internal sealed class BatchWork<TKey, TValue, TOutKey, TOutValue>
{
    private readonly ExactlyOnceOptions _options;
    private readonly Consumer<TKey, TValue> _consumer;
    private readonly FailureLedger _failures;
    private readonly Func<ConsumeBatch<TKey, TValue>, TransactionOutput<TOutKey, TOutValue>, CancellationToken, ValueTask> _handler;
    private readonly LoopTokens _tokens;
    private readonly ILogger _log;
    private CancellationToken _processing;

    public BatchWork(
        ExactlyOnceOptions options,
        Consumer<TKey, TValue> consumer,
        FailureLedger failures,
        Func<ConsumeBatch<TKey, TValue>, TransactionOutput<TOutKey, TOutValue>, CancellationToken, ValueTask> handler,
        LoopTokens tokens,
        ILogger log)
    {
        _options = options;
        _consumer = consumer;
        _failures = failures;
        _handler = handler;
        _tokens = tokens;
        _log = log;
    }

    /// <summary>Whether a handler was left running, so that its batch cannot be given back.</summary>
    public bool IsAbandoned { get; private set; }

    private PoisonPolicy Poison => _options.Input.PoisonRecords;

    /// <summary>Processes a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="read">What of its partition that is.</param>
    /// <param name="transaction">Where the output goes.</param>
    /// <param name="parent">The span of the transaction.</param>
    /// <returns>Null if it is done with.</returns>
    public async Task<BatchFailure?> ProcessAsync(ConsumeBatch<TKey, TValue> batch, TransactionInput read, ProducerTransaction<TOutKey, TOutValue> transaction, ActivityContext parent)
    {
        bool isSuspect = _failures.IsSuspect(read);
        if (!isSuspect && Poison.Throws)
        {
            return await HandleAsync(batch, read, transaction, parent).ConfigureAwait(false);
        }

        try
        {
            List<DecodedRecord<TKey, TValue>> decoded = await DecodeAsync(batch, transaction).ConfigureAwait(false);
            if (isSuspect)
            {
                return await HandleSinglyAsync(batch, decoded, transaction, parent).ConfigureAwait(false);
            }

            batch.Decoded = decoded;
            return decoded.Count == 0 ? null : await HandleAsync(batch, read, transaction, parent).ConfigureAwait(false);
        }
        catch (Exception fault) when (_tokens.GiveUp.IsCancellationRequested || fault is KafkaException)
        {
            return Judge(batch, fault) ?? new BatchFailure(AbortCause.Handler, fault) { End = fault };
        }
    }

    private async Task<BatchFailure?> HandleSinglyAsync(
        ConsumeBatch<TKey, TValue> batch, List<DecodedRecord<TKey, TValue>> decoded, ProducerTransaction<TOutKey, TOutValue> transaction, ActivityContext parent)
    {
        for (int i = 0; i < decoded.Count; i++)
        {
            long next = i + 1 < decoded.Count ? decoded[i + 1].Offset : batch.NextOffset;
            ConsumeBatch<TKey, TValue> single = batch.Only(decoded[i], next);
            if (_failures.VerdictOf(batch.TopicPartition, decoded[i].Offset) is { } verdict)
            {
                await SettleAsync(single, decoded[i].Record, verdict, transaction).ConfigureAwait(false);
            }
            else if (await HandleAsync(single, new TransactionInput(batch.TopicPartition, decoded[i].Offset, next, 1), transaction, parent).ConfigureAwait(false) is { } failure)
            {
                return failure;
            }
        }

        return null;
    }

    /// <summary>Decodes the records of a batch; those that cannot be read are dealt with, unless the policy leaves them to the handler.</summary>
    private async Task<List<DecodedRecord<TKey, TValue>>> DecodeAsync(ConsumeBatch<TKey, TValue> batch, ProducerTransaction<TOutKey, TOutValue> transaction)
    {
        var decoded = new List<DecodedRecord<TKey, TValue>>();
        ConsumeBatch<TKey, TValue>.Enumerator records = batch.GetEnumerator();
        while (true)
        {
            try
            {
                if (!records.MoveNext())
                {
                    return decoded;
                }

                decoded.Add(new(records.Current, null));
            }
            catch (SerializationException fault) when (Poison.Throws)
            {
                decoded.Add(new(default, fault));
            }
            catch (SerializationException fault) when (fault.Record is { } record)
            {
                await SettleAsync(record, fault, transaction).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask SettleAsync(PoisonRecord record, SerializationException fault, ProducerTransaction<TOutKey, TOutValue> transaction)
    {
        if (Poison.Topic is { } topic)
        {
            var place = new FailedPlace(record.TopicPartition, record.Offset, record.UnixTimestamp);
            List<RecordHeader> headers = FailureNote.Write(record.Headers, place, record.Failure, _options.Input.GroupId, record.Part, retry: null);
            await SendOnAsync(place, new ForwardedRecord(topic, record.Key, record.Value, headers), fault, transaction).ConfigureAwait(false);
        }
        else
        {
            await Poison.HandleAsync(record, _tokens.GiveUp).ConfigureAwait(false);
        }

        Log.Poisoned(_log, record.TopicPartition, record.Offset, record.Part, record.Failure.Message);
        _consumer.Metrics.Poisoned(record.TopicPartition.Topic, record.Failure);
    }

    private ValueTask SettleAsync(ConsumeBatch<TKey, TValue> single, in ConsumeResult<TKey, TValue> record, RecordVerdict verdict, ProducerTransaction<TOutKey, TOutValue> transaction)
    {
        if (verdict.Topic is not { } topic)
        {
            Log.Skipped(_log, record.TopicPartition, record.Offset, verdict.Fault);
            return default;
        }

        ConsumeBatch<TKey, TValue>.RawEnumerator stored = single.Records.GetEnumerator();
        stored.MoveNext();
        StoredBytes bytes = StoredBytes.Of(in stored.Current);
        var place = new FailedPlace(record.TopicPartition, record.Offset, record.UnixTimestamp);
        List<RecordHeader> headers = FailureNote.Write(stored.Current.Headers.ToOwned(), place, verdict.Fault, _options.Input.GroupId, part: null, retry: null);
        Log.SentOn(_log, record.TopicPartition, record.Offset, topic, verdict.Fault.Message);
        return SendOnAsync(place, new ForwardedRecord(topic, bytes.Key, bytes.Value, headers), verdict.Fault, transaction);
    }

    private async ValueTask SendOnAsync(FailedPlace place, ForwardedRecord record, Exception fault, ProducerTransaction<TOutKey, TOutValue> transaction)
    {
        try
        {
            await transaction.EnqueueBytesAsync(record.ToProduced(), _tokens.GiveUp).ConfigureAwait(false);
        }
        catch (KafkaException failure) when (failure is not ProducerFencedException && !LoopErrors.IsOfOutput(failure))
        {
            throw new DeadLetterException(place.Partition, place.Offset, record.Topic, new AggregateException(failure, fault));
        }
    }

    private async Task<BatchFailure?> HandleAsync(ConsumeBatch<TKey, TValue> batch, TransactionInput read, ProducerTransaction<TOutKey, TOutValue> transaction, ActivityContext parent)
    {
        var output = new TransactionOutput<TOutKey, TOutValue>(transaction);
        using Activity? span = _consumer.Spans.StartProcess(batch.TopicPartition, batch.Stored, batch.Count, parent);
        long started = _consumer.Metrics.HandlerStarts();
        Exception? fault = null;
        try
        {
            await RunAsync(batch, output).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // The handler is the user's code and may throw anything; the policy decides.
            fault = thrown;
            ConsumeSpans.Failed(span, thrown);
        }

        output.Close();
        _consumer.Metrics.HandlerEnded(batch.Topic, started, fault);
        return fault is null ? null : Judge(batch, fault) ?? JudgeByPolicy(read, fault);
    }

    private async Task RunAsync(ConsumeBatch<TKey, TValue> batch, TransactionOutput<TOutKey, TOutValue> output)
    {
        _processing = _consumer.ProcessingToken;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_processing, _tokens.GiveUp);
        Task handling = _handler(batch, output, either.Token).AsTask();
        try
        {
            await handling.WaitAsync(_tokens.Abandon).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_tokens.Abandon.IsCancellationRequested && !handling.IsCompleted)
        {
            IsAbandoned = true;
            Log.HandlerIgnoresToken(_log, _options.Output.TransactionalId!, _options.StopTimeout);
            throw;
        }
    }

    /// <summary>What is not the handler's fault; null if it is.</summary>
    private BatchFailure? Judge(ConsumeBatch<TKey, TValue> batch, Exception fault) => fault switch
    {
        ProducerFencedException => new BatchFailure(AbortCause.Output, fault) { End = fault },
        _ when _tokens.GiveUp.IsCancellationRequested => new BatchFailure(AbortCause.Stop, fault),
        _ when batch.Claim.IsVoid || _processing.IsCancellationRequested => new BatchFailure(AbortCause.Rebalance, fault),
        _ when LoopErrors.IsOfOutput(fault) => new BatchFailure(AbortCause.Output, fault),
        SerializationException { Record: not null } or CorruptRecordException => new BatchFailure(AbortCause.Handler, fault) { End = fault },
        _ => null,
    };

    private BatchFailure JudgeByPolicy(TransactionInput read, Exception fault)
    {
        FailureDecision decision = _failures.Failed(read, fault);
        return new BatchFailure(AbortCause.Handler, fault)
        {
            End = decision.Action == FailureAction.Stop ? new ProcessingException(read.Partition, read.FirstOffset, fault) : null,
            Pause = decision.Pause,
        };
    }
}
