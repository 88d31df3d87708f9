using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>The transactions of one producer, as its other parts see them: scopes begin and end here, and records are let in or kept out. Any thread.</summary>
internal sealed class TransactionSession : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly ProducerContext _context;
    private readonly TransactionStatus _status;
    private TransactionJudge _judge = null!;
    private PartitionRegistrar _registrar = null!;
    private TransactionOpening _opening = null!;
    private TransactionEnding _ending = null!;

    public TransactionSession(ProducerContext context, string id)
    {
        _context = context;
        _status = new TransactionStatus(id);
    }

    /// <summary>The transactional id.</summary>
    public string Id => _status.Id;

    public ILogger Logger => _context.Logger;

    /// <summary>Whether batches that come back are to fail rather than to go again: nothing of the scope can be committed any more.</summary>
    public bool IsGivingUp => _status.IsGivingUp;

    /// <summary>Whether a partition must be enrolled before its batches set out.</summary>
    public bool MustRegister => _status.Protocol == TransactionProtocol.First;

    /// <summary>The highest version of Produce that the generation allows.</summary>
    public short MaxProduceVersion => _status.Protocol.MaxProduceVersion;

    /// <summary>Gives it the producer. Called once, before the first use.</summary>
    public void Attach(TransactionHost host)
    {
        _judge = new TransactionJudge(_context, _status, host);
        _registrar = new PartitionRegistrar(_context.Cluster.Driver, Id, refusal => _judge.Judge(TransactionStep.AddPartitions, refusal), _closing.Token);
        _ending = new TransactionEnding(_context, _status, host, _judge, new TransactionRequests(_context.Cluster.Driver, _closing.Token), _registrar);
        _opening = new TransactionOpening(_context, _status, _judge, _ending);
    }

    /// <summary>Looks whether a record of a scope may be taken. Called for each: it allocates nothing unless it throws.</summary>
    public void ThrowIfClosed(long scope, string call)
    {
        if (scope != _status.OpenScope)
        {
            throw Refusal(scope, call);
        }
    }

    /// <summary>Begins a scope, after the coordinator has given an identity if need be.</summary>
    public async Task<TransactionScope> BeginAsync(CancellationToken cancellationToken)
    {
        _status.Do(machine => machine.Begin());
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
            await _opening.PrepareAsync(either.Token).ConfigureAwait(false);
            return _status.Begin();
        }
        catch (OperationCanceledException end)
        {
            _status.Do(machine => machine.BeginFailed());
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException("The producer was closed before the transaction began.", end);
        }
        catch
        {
            _status.Do(machine => machine.BeginFailed());
            throw;
        }
    }

    /// <summary>Notes offsets, which go to the coordinators with the commit.</summary>
    public void AddOffsets(TransactionScope scope, ConsumerGroupMetadata group, IEnumerable<PartitionOffset> offsets) => _status.Do(machine =>
    {
        machine.ThrowIfClosed(scope.Number, "AddOffsets");
        scope.Offsets.Add(group, offsets);
    });

    /// <summary>The first batch of a partition in this scope was opened. Called under the queue's gate, so that an end of the scope that passes it knows.</summary>
    public void Join(PartitionQueue queue)
    {
        _status.Do(machine => machine.NoteWork());
        if (MustRegister)
        {
            _registrar.Add(queue, _context.Identity!.Current);
        }
    }

    /// <summary>A batch of the scope failed.</summary>
    public void NoteFailed(ProducerBatch batch, KafkaException failure)
    {
        if (batch.Stamp is not null)
        {
            // The row has a gap now, and an attempt may still be on its way.
            _status.Do(machine => machine.NoteDoubt());
        }

        _judge.Judge(TransactionStep.Produce, failure);
    }

    /// <summary>A record was refused before it came into a batch.</summary>
    public void NoteRefused(TransactionScope scope, Exception refusal)
    {
        if (_status.Do(machine => machine.Scope) == scope.Number)
        {
            _judge.Fail(refusal as KafkaException ?? new KafkaException($"A record was not accepted: {refusal.Message}", refusal));
        }
    }

    /// <summary>Commits; the work goes on if the caller stops to wait for it.</summary>
    public Task CommitAsync(TransactionScope scope)
    {
        ScopeEnd commit = _status.Do(machine =>
        {
            if (scope.Commit is null)
            {
                machine.BeginCommit(scope.Number);
                scope.Commit = new ScopeEnd(() => _ending.CommitAsync(scope));
            }

            return scope.Commit;
        });
        return commit.RunAsync();
    }

    /// <summary>Aborts; the work goes on if the caller stops to wait for it.</summary>
    public Task AbortAsync(TransactionScope scope)
    {
        ScopeEnd abort = _status.Do(machine =>
        {
            if (scope.Abort is null)
            {
                machine.BeginAbort(scope.Number);
                scope.Abort = new ScopeEnd(_ending.AbortAsync);
            }

            return scope.Abort;
        });
        return abort.RunAsync();
    }

    /// <summary>Ends a scope that its user leaves: waits for a commit that is under way, and aborts what has not ended after it. Never fails.</summary>
    public async Task LeaveAsync(TransactionScope scope)
    {
        if (scope.Commit is { } commit)
        {
            // Who asked for it was told how it ended, or will be.
            await commit.RunAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (scope.Outcome is not null)
        {
            return;
        }

        try
        {
            await AbortAsync(scope).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Fenced, or ended by the close of the producer: nobody commits it any more.
            Log.TransactionLeft(Logger, Id, failure.Message);
        }
    }

    /// <summary>Ends an open scope before the producer closes.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (_status.Scope is { } open)
        {
            await LeaveAsync(open).WaitAsync(_context.Options.CloseTimeout, _context.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _registrar.WhenIdle().ConfigureAwait(false);
        foreach (ScopeEnd? end in (ScopeEnd?[])[_status.Scope?.Commit, _status.Scope?.Abort])
        {
            if (end is not null)
            {
                // Whoever ended the scope learns of its failure; here it only must be over.
                await end.RunAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Exception Refusal(long scope, string call) => _status.Do(machine => machine.Refusal(scope, call));
}
