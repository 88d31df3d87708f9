using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>One run of an exactly-once loop: does what its machine says, with a consumer and a producer of its own.</summary>
internal sealed class LoopRun<TKey, TValue, TOutKey, TOutValue> : IAsyncDisposable
{
    private readonly Dictionary<TopicPartition, LoopInput> _inputs = [];
    private readonly CancellationTokenSource _reading = new();
    private readonly ExactlyOnceOptions _options;
    private readonly KafkaClientOptions _client;
    private readonly Consumer<TKey, TValue> _consumer;
    private readonly Producer<TOutKey, TOutValue> _producer;
    private readonly IAsyncEnumerator<ConsumeBatch<TKey, TValue>> _batches;
    private readonly BatchWork<TKey, TValue, TOutKey, TOutValue> _work;
    private readonly FailureLedger _failures;
    private readonly ExponentialBackoff _backoff;
    private readonly LoopControl _control;
    private readonly LoopObserver _observer;
    private readonly LoopTokens _tokens;
    private readonly ILogger _log;
    private readonly long _started;
    private ProducerTransaction<TOutKey, TOutValue>? _transaction;
    private Task? _next;
    private BatchFailure? _failure;
    private Exception? _end;
    private int _failuresInRow;
    private int _isStopped;

    public LoopRun(LoopParts<TKey, TValue, TOutKey, TOutValue> parts, LoopControl control, LoopObserver observer, LoopTokens tokens)
    {
        _options = parts.Options;
        _client = parts.Cluster.Options;
        _log = parts.Log;
        _consumer = parts.CreateConsumer(control);
        _producer = parts.CreateProducer();
        _control = control;
        _observer = observer;
        _tokens = tokens;
        _failures = new FailureLedger(_options.OnFailure);
        _work = new BatchWork<TKey, TValue, TOutKey, TOutValue>(_options, _consumer, _failures, parts.Handler, tokens, _log);
        _backoff = new ExponentialBackoff(_client.RetryBackoff, _client.RetryBackoffMax, parts.Cluster.Random);
        _batches = _consumer.ReadBatches(_reading.Token);
        _started = _client.TimeProvider.GetTimestamp();
    }

    private string Id => _options.Output.TransactionalId!;

    private TimeSpan Now => _client.TimeProvider.GetElapsedTime(_started);

    private TransactionInput[] Read => [.. _inputs.Values.Select(i => i.Read)];

    /// <summary>Runs until the loop is stopped.</summary>
    public async Task RunAsync()
    {
        using CancellationTokenRegistration stopping = _tokens.Stopping.Register(Stop);
        try
        {
            while (NextStep() is var step and not LoopStep.End)
            {
                await DoAsync(step).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_tokens.GiveUp.IsCancellationRequested)
        {
            // The loop was stopped, and its time is over: what is left of it ends with the producer.
        }

        if (_end is { } end)
        {
            ExceptionDispatchInfo.Throw(end);
        }
    }

    /// <summary>Ends what is left: first the transaction, so that it is over when the group gives the partitions to others.</summary>
    public async ValueTask DisposeAsync()
    {
        await _producer.DisposeAsync().ConfigureAwait(false);
        if (_transaction is not null)
        {
            await _transaction.DisposeAsync().ConfigureAwait(false);
        }

        if (_inputs.Count > 0)
        {
            bool isUnknown = _control.With(m => m.State) == LoopState.Unresolved;
            _observer.Ended(isUnknown ? TransactionOutcome.Unknown : _transaction?.Outcome ?? TransactionOutcome.Aborted, Read, _failure?.Cause ?? AbortCause.Stop, _failure?.Fault);
        }

        _control.With(m => m.End());
        await _reading.CancelAsync().ConfigureAwait(false);
        if (_next is not null)
        {
            await _next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!_work.IsAbandoned)
        {
            await _batches.DisposeAsync().ConfigureAwait(false);
        }

        await _consumer.DisposeAsync().ConfigureAwait(false);
        _reading.Dispose();
    }

    private Task DoAsync(LoopStep step) => step switch
    {
        LoopStep.Begin => BeginAsync(),
        LoopStep.Read => ReadAsync(),
        LoopStep.Commit => CommitAsync(),
        LoopStep.Abort => AbortAsync(),
        LoopStep.Resolve => ResolveAsync(),
        _ => throw new InvalidOperationException($"{step} is no step of a loop."),
    };

    private LoopStep NextStep()
    {
        // A step that the token has ended may go on within its cancellation, before the registration above has had its turn.
        if (_tokens.Stopping.IsCancellationRequested)
        {
            Stop();
        }

        return _control.With(m => m.Next(Now));
    }

    private void Stop()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) == 0)
        {
            _tokens.Limit();
            _control.Stop();
        }
    }

    private async Task BeginAsync()
    {
        try
        {
            _transaction = await _producer.BeginTransactionAsync(_tokens.Stopping).ConfigureAwait(false);
            _control.With(m => m.Begun());
        }
        catch (OperationCanceledException) when (_tokens.Stopping.IsCancellationRequested)
        {
            // Nothing was begun, and nothing is to be.
        }
        catch (KafkaException failure) when (failure.IsRetriable)
        {
            Log.BeginFailed(_log, Id, failure.Message);
            await PauseAsync(_backoff.Pause(++_failuresInRow), _tokens.Stopping).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync()
    {
        _next ??= NextAsync();
        if (!_next.IsCompleted)
        {
            TimeSpan wait = _control.With(m => m.DueAt) is { } due ? due - Now : Timeout.InfiniteTimeSpan;
            await _control.Moved.WaitAsync(wait < TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : wait, _client.TimeProvider, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        Task next = _next;
        _next = null;
        try
        {
            await next.ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // What is finished can still be committed; then the user learns why reading does not go on.
            _end = failure;
            Stop();
            return;
        }

        await TakeAsync(_batches.Current).ConfigureAwait(false);
    }

    /// <summary>Asks for the next batch, and wakes the loop when it is there.</summary>
    private async Task NextAsync()
    {
        try
        {
            await _batches.MoveNextAsync().ConfigureAwait(false);
        }
        finally
        {
            _control.Moved.Set();
        }
    }

    private async Task TakeAsync(ConsumeBatch<TKey, TValue> batch)
    {
        if (batch.Claim.IsVoid)
        {
            return;
        }

        if (_inputs.Count == 0)
        {
            _observer.Started();
        }

        var read = new TransactionInput(batch.TopicPartition, batch.FirstOffset, batch.NextOffset, batch.Count);
        _control.With(m => m.Take(batch.TopicPartition, Now));
        _inputs[batch.TopicPartition] = _inputs.TryGetValue(batch.TopicPartition, out LoopInput? before)
            ? new LoopInput(before.Read with { NextOffset = read.NextOffset, Records = before.Read.Records + read.Records }, batch.LeaderEpoch, before.Claim)
            : new LoopInput(read, batch.LeaderEpoch, batch.Claim);
        _failure = await _work.ProcessAsync(batch, read, _transaction!, _observer.Context).ConfigureAwait(false);
        _control.With(m =>
        {
            if (_failure is { } failure)
            {
                m.Fail(failure.Cause);
            }
            else
            {
                m.Finished();
            }
        });
    }

    private async Task CommitAsync()
    {
        if (!_control.With(m => m.CommitBegins()))
        {
            return;
        }

        long started = _client.TimeProvider.GetTimestamp();
        ConsumerGroupMetadata? asWhom = await _consumer.MembershipAsync(_options.Output.TransactionTimeout / 4, _tokens.GiveUp).ConfigureAwait(false);

        // KIP-447: the membership is asked for first. A partition that goes after this look goes with a later generation or epoch, and the coordinator refuses this one.
        if (asWhom is null || _inputs.Values.Any(i => i.Claim.IsVoid))
        {
            _control.With(m => m.Fail(AbortCause.Rebalance));
            return;
        }

        KafkaException? failure = null;
        try
        {
            _transaction!.AddOffsets(asWhom, _inputs.Values.Select(i => i.Next));
            await _transaction.CommitAsync(_tokens.GiveUp).ConfigureAwait(false);
            _failuresInRow = 0;
            _failures.Forget(Read);
            Settle(TransactionOutcome.Committed);
        }
        catch (TransactionException unknown) when (unknown.Outcome == TransactionOutcome.Unknown)
        {
            failure = unknown;
            _observer.Unresolved(unknown);
            _control.With(m => m.Unknown());
        }
        catch (TransactionException refused)
        {
            failure = refused;
            Refused(refused, asWhom);
        }
        catch (KafkaException fatal)
        {
            failure = fatal;
            _failure = new BatchFailure(AbortCause.Output, fatal);
            throw;
        }
        finally
        {
            _observer.Committed(started, failure);
        }
    }

    private void Refused(TransactionException refused, ConsumerGroupMetadata asWhom)
    {
        bool isOfMembership = LoopErrors.IsOfMembership(refused.Code);
        if (isOfMembership)
        {
            _consumer.NoteRefusal(refused.Code, asWhom);
        }

        AbortCause cause = isOfMembership ? AbortCause.Rebalance : AbortCause.Output;
        _failure = new BatchFailure(cause, refused) { End = LoopErrors.EndOf(refused) };
        _control.With(m => m.Fail(cause));
    }

    private async Task AbortAsync()
    {
        BatchFailure? failure = _failure;
        AbortCause cause = _control.With(m => m.AbortBegins());
        await _transaction!.AbortAsync(_tokens.GiveUp).ConfigureAwait(false);
        foreach (LoopInput input in _inputs.Values)
        {
            _consumer.Rewind(input.Claim, input.Read.FirstOffset);
        }

        _failure = null;
        Settle(TransactionOutcome.Aborted, cause, failure?.Fault);
        if (failure?.End is { } end)
        {
            _end = end;
            Stop();
        }
        else if (cause is AbortCause.Output or AbortCause.Rebalance)
        {
            await PauseAsync(_backoff.Pause(++_failuresInRow), _tokens.Stopping).ConfigureAwait(false);
        }
        else if (failure is not null)
        {
            await PauseAsync(failure.Pause, _tokens.Stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Finds out how the last transaction ended. Before it begins another, the producer asks the coordinator; then the group's offsets are stable and tell.</summary>
    private async Task ResolveAsync()
    {
        try
        {
            if (_transaction is { Outcome: TransactionOutcome.Unknown })
            {
                _transaction = await _producer.BeginTransactionAsync(_tokens.GiveUp).ConfigureAwait(false);
            }

            LoopInput[] held = [.. _inputs.Values.Where(i => !i.Claim.IsVoid)];
            IReadOnlyDictionary<TopicPartition, PartitionOffset> committed = await _consumer.GetCommittedAsync(held.Select(i => i.Read.Partition), _tokens.GiveUp).ConfigureAwait(false);
            bool isCommitted = held.Length > 0 && held.All(i => committed.TryGetValue(i.Read.Partition, out PartitionOffset? offset) && offset.Offset >= i.Read.NextOffset);
            if (!isCommitted)
            {
                foreach (LoopInput input in held)
                {
                    _consumer.Rewind(input.Claim, committed.TryGetValue(input.Read.Partition, out PartitionOffset? offset) ? offset.Offset : input.Read.FirstOffset);
                }
            }

            TransactionOutcome outcome = held.Length == 0 ? TransactionOutcome.Unknown : isCommitted ? TransactionOutcome.Committed : TransactionOutcome.Aborted;
            Log.Resolved(_log, Id, outcome);
            Settle(outcome, AbortCause.Output);
            _control.With(m => m.Begun());
        }
        catch (KafkaException failure) when (failure.IsRetriable)
        {
            Log.BeginFailed(_log, Id, failure.Message);
            await PauseAsync(_backoff.Pause(++_failuresInRow), _tokens.GiveUp).ConfigureAwait(false);
        }
    }

    private void Settle(TransactionOutcome outcome, AbortCause? cause = null, Exception? failure = null)
    {
        TransactionInput[] read = Read;
        _inputs.Clear();
        _observer.Ended(outcome, read, cause, failure);
        _control.With(m => m.Settled());
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, _client.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
