using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>The transactions of one producer: holds the machine under a lock, asks the coordinators, and lets records in or keeps them out. Any thread.</summary>
internal sealed class TransactionSession : IAsyncDisposable
{
    private const long NoScope = -1;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly ProducerContext _context;
    private readonly TransactionMachine _machine;
    private readonly PartitionRegistrar _registrar;
    private TransactionOffsets _offsets = new();
    private ProducerIdentity _identity = ProducerIdentity.None;
    private TransactionProtocol _protocol = TransactionProtocol.First;
    private Task? _commit;
    private Task? _abort;
    private long _openScope = NoScope;
    private volatile bool _isGivingUp;

    public TransactionSession(ProducerContext context, string id)
    {
        _context = context;
        Id = id;
        _machine = new TransactionMachine(id);
        _registrar = new PartitionRegistrar(context.Cluster.Driver, id, refusal => Judge(TransactionStep.AddPartitions, refusal), _closing.Token);
    }

    /// <summary>The transactional id.</summary>
    public string Id { get; }

    public ILogger Logger => _context.Logger;

    /// <summary>Set once, before the first use.</summary>
    public TransactionHost Host { get; set; } = null!;

    /// <summary>The scope whose records are taken; read under the gate of a queue.</summary>
    public long OpenScope => Volatile.Read(ref _openScope);

    /// <summary>Whether batches that come back are to fail rather than to go again: nothing of the scope can be committed any more.</summary>
    public bool IsGivingUp => _isGivingUp;

    /// <summary>Whether a partition must be enrolled before its batches set out.</summary>
    public bool MustRegister => _protocol == TransactionProtocol.First;

    /// <summary>The highest version of Produce that the generation allows.</summary>
    public short MaxProduceVersion => _protocol.MaxProduceVersion;

    private OperationDriver Driver => _context.Cluster.Driver;

    /// <summary>Looks whether a record of a scope may be taken.</summary>
    public void ThrowIfClosed(long scope, string call)
    {
        if (scope != OpenScope)
        {
            throw Refusal(scope, call);
        }
    }

    /// <summary>Why a scope does not allow a call.</summary>
    public Exception Refusal(long scope, string call)
    {
        lock (_gate)
        {
            return _machine.Refusal(scope, call);
        }
    }

    /// <summary>Begins a scope, after the coordinator has given an identity if need be.</summary>
    public async Task<long> BeginAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _machine.Begin();
        }

        try
        {
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                _offsets = new TransactionOffsets();
                _commit = _abort = null;
                _isGivingUp = false;
                long scope = _machine.Begun();
                Volatile.Write(ref _openScope, scope);
                return scope;
            }
        }
        catch
        {
            lock (_gate)
            {
                _machine.BeginFailed();
            }

            throw;
        }
    }

    /// <summary>Notes offsets, which go to the coordinators with the commit.</summary>
    public void AddOffsets(long scope, ConsumerGroupMetadata group, IEnumerable<PartitionOffset> offsets)
    {
        lock (_gate)
        {
            _machine.ThrowIfClosed(scope, "AddOffsets");
            _offsets.Add(group, offsets);
        }
    }

    /// <summary>The first batch of a partition in this scope was opened. Called under the queue's gate, so that an end of the scope that passes it knows.</summary>
    public void Join(PartitionQueue queue)
    {
        ProducerIdentity identity;
        lock (_gate)
        {
            _machine.NoteWork();
            identity = _identity;
        }

        if (MustRegister)
        {
            _registrar.Add(queue, identity);
        }
    }

    /// <summary>A batch of the scope failed.</summary>
    public void NoteFailed(ProducerBatch batch, KafkaException failure)
    {
        if (batch.Stamp is not null)
        {
            lock (_gate)
            {
                // The row has a gap now, and an attempt may still be on its way.
                _machine.NoteDoubt();
            }
        }

        Fail(failure);
    }

    /// <summary>A record was refused before it came into a batch.</summary>
    public void NoteRefused(long scope, Exception refusal)
    {
        lock (_gate)
        {
            if (scope != _machine.Scope)
            {
                return;
            }
        }

        Fail(refusal as KafkaException ?? new KafkaException($"A record was not accepted: {refusal.Message}", refusal));
    }

    /// <summary>Judges an error of a step: the scope can only be aborted, or the producer is at its end.</summary>
    public void Judge(TransactionStep step, KafkaException failure)
    {
        TransactionVerdict verdict = TransactionErrors.Sort(step, failure.Code);
        if (verdict is TransactionVerdict.Fenced or TransactionVerdict.Fatal)
        {
            Die(step, verdict, failure);
            return;
        }

        if (failure.Code is ErrorCode.InvalidProducerIdMapping or ErrorCode.UnknownProducerId)
        {
            lock (_gate)
            {
                _machine.NoteDoubt();
            }
        }

        Fail(failure);
    }

    /// <summary>Commits; the work goes on if the caller stops to wait for it.</summary>
    public Task CommitAsync(long scope, PendingCalls calls)
    {
        lock (_gate)
        {
            if (scope == _machine.Scope && _commit is { } known && _machine.State != TransactionState.Failed)
            {
                return known;
            }

            _machine.BeginCommit(scope);
            _commit = Task.Run(() => CommitCoreAsync(calls));
            return _commit;
        }
    }

    /// <summary>Aborts; the work goes on if the caller stops to wait for it.</summary>
    public Task AbortAsync(long scope)
    {
        lock (_gate)
        {
            if (scope == _machine.Scope && _abort is { } known)
            {
                return known;
            }

            _machine.BeginAbort(scope);
            _abort = Task.Run(AbortCoreAsync);
            return _abort;
        }
    }

    /// <summary>Ends an open scope before the producer closes.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        Task? ending;
        lock (_gate)
        {
            ending = _machine.State switch
            {
                TransactionState.Committing => _commit,
                TransactionState.Aborting => _abort,
                TransactionState.Ongoing or TransactionState.Failed => AbortAsync(_machine.Scope),
                _ => null,
            };
        }

        if (ending is not null)
        {
            await ending.WaitAsync(_context.Options.CloseTimeout, _context.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _registrar.WhenIdle().ConfigureAwait(false);
        foreach (Task? ending in (Task?[])[_commit, _abort])
        {
            if (ending is not null)
            {
                // Whoever ended the scope learns of its failure; here it only must be over.
                await ending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        bool mustResolve;
        bool commit;
        lock (_gate)
        {
            mustResolve = _machine.MustResolve;
            commit = _machine.WasCommit;
        }

        if (mustResolve)
        {
            await ResolveAsync(commit, cancellationToken).ConfigureAwait(false);
        }

        bool mustRenew;
        lock (_gate)
        {
            mustRenew = _machine.MustRenew;
        }

        if (_identity.IsNone || mustRenew)
        {
            await InitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks once more how the last scope ended. If that cannot be told any more, it is over all the same, and a newer identity makes sure of it.</summary>
    private async Task ResolveAsync(bool commit, CancellationToken cancellationToken)
    {
        var operation = new EndTransactionOperation(_identity, _protocol, commit);
        Answer<ProducerIdentity> answer = await RunAsync(operation, Id, cancellationToken).ConfigureAwait(false);
        if (answer.Failure is { } failure && commit && !TransactionErrors.IsUnheard(failure) && TransactionErrors.Sort(TransactionStep.End, failure.Code) == TransactionVerdict.Abortable)
        {
            operation = new EndTransactionOperation(_identity, _protocol, commit: false);
            answer = await RunAsync(operation, Id, cancellationToken).ConfigureAwait(false);
        }

        Accept(answer, mayBeOver: true);
        lock (_gate)
        {
            _machine.Resolved();
        }
    }

    private async Task InitAsync(CancellationToken cancellationToken)
    {
        var operation = new InitTransactionsOperation(_context.Options.TransactionTimeout, _identity);
        Answer<ProducerIdentity> answer = await RunAsync(operation, Id, cancellationToken).ConfigureAwait(false);
        if (answer.Failure is { } failure)
        {
            TransactionVerdict verdict = TransactionErrors.Sort(TransactionStep.Init, failure.Code);
            if (!_identity.IsNone && failure is UnsupportedVersionException)
            {
                verdict = TransactionVerdict.Fatal;
            }

            throw verdict is TransactionVerdict.Fenced or TransactionVerdict.Fatal ? Die(TransactionStep.Init, verdict, failure) : failure;
        }

        lock (_gate)
        {
            _machine.Renewed();
        }

        _protocol = operation.Protocol;
        Give(answer.Value);
    }

    private async Task CommitCoreAsync(PendingCalls calls)
    {
        await calls.WhenNone().ConfigureAwait(false);
        Seal();
        Task offsets = SendOffsetsAsync();
        await Host.DrainAsync().ConfigureAwait(false);
        await offsets.ConfigureAwait(false);
        await _registrar.WhenIdle().ConfigureAwait(false);
        lock (_gate)
        {
            if (_machine.State != TransactionState.Committing)
            {
                throw _machine.State == TransactionState.Fatal ? _machine.Failure! : _machine.Refused();
            }

            if (!_machine.HasWork)
            {
                _machine.Ended();
                return;
            }
        }

        var operation = new EndTransactionOperation(_identity, _protocol, commit: true);
        Answer<ProducerIdentity> answer = await EndAsync(operation).ConfigureAwait(false);
        if (answer.Failure is not { } failure)
        {
            Accept(answer, mayBeOver: false);
            lock (_gate)
            {
                _machine.Ended();
            }

            return;
        }

        throw NotCommitted(failure, operation.IsAmbiguous);
    }

    /// <summary>What a commit ends with that the coordinator did not confirm.</summary>
    private KafkaException NotCommitted(KafkaException failure, bool isAmbiguous)
    {
        TransactionVerdict verdict = TransactionErrors.Sort(TransactionStep.End, failure.Code);
        if (verdict is TransactionVerdict.Fenced or TransactionVerdict.Fatal)
        {
            KafkaException end = Die(TransactionStep.End, verdict, failure);
            return isAmbiguous ? TransactionFaults.Unknown(Id, end) : end;
        }

        if (isAmbiguous)
        {
            lock (_gate)
            {
                _machine.Unresolve(wasCommit: true);
            }

            return TransactionFaults.Unknown(Id, failure);
        }

        // No attempt was heeded: it can still be aborted.
        Judge(TransactionStep.End, failure);
        lock (_gate)
        {
            return _machine.Refused();
        }
    }

    private async Task AbortCoreAsync()
    {
        _isGivingUp = true;
        Seal();
        Host.DropWaiting("The transaction was aborted.");
        await Host.DrainAsync().ConfigureAwait(false);
        await _registrar.WhenIdle().ConfigureAwait(false);
        lock (_gate)
        {
            if (_machine.State == TransactionState.Fatal)
            {
                throw _machine.Failure!;
            }

            if (!_machine.HasWork)
            {
                _machine.Ended();
                return;
            }
        }

        Answer<ProducerIdentity> answer = await EndAsync(new EndTransactionOperation(_identity, _protocol, commit: false)).ConfigureAwait(false);
        if (answer.Failure is { } late && TransactionErrors.IsUnheard(late))
        {
            // Nothing else can commit it: the coordinator aborts it when it can be reached again, or by the transaction's time-out.
            Log.AbortUnconfirmed(_context.Logger, Id, late.Message);
            lock (_gate)
            {
                _machine.Unresolve(wasCommit: false);
            }

            return;
        }

        Accept(answer, mayBeOver: true);
        lock (_gate)
        {
            _machine.Ended();
        }
    }

    /// <summary>Takes in what the coordinator said to the end of a scope.</summary>
    private void Accept(Answer<ProducerIdentity> answer, bool mayBeOver)
    {
        if (answer.Failure is not { } failure)
        {
            Give(answer.Value);
            return;
        }

        TransactionVerdict verdict = TransactionErrors.Sort(TransactionStep.End, failure.Code);
        if (verdict is TransactionVerdict.Fenced or TransactionVerdict.Fatal)
        {
            throw Die(TransactionStep.End, verdict, failure);
        }

        if (!mayBeOver || TransactionErrors.IsUnheard(failure))
        {
            throw failure;
        }

        // The coordinator knows of no such transaction: it has nothing to end.
        lock (_gate)
        {
            _machine.NoteDoubt();
        }
    }

    private async Task<Answer<ProducerIdentity>> EndAsync(EndTransactionOperation operation)
    {
        try
        {
            return await RunAsync(operation, Id, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException closed) when (_closing.IsCancellationRequested)
        {
            return Answer<ProducerIdentity>.Failed(new KafkaException("The producer was closed meanwhile.", closed));
        }
    }

    private async Task<Answer<TResult>> RunAsync<TRequest, TResponse, TResult>(Operation<string, TRequest, TResponse, TResult> operation, string key, CancellationToken cancellationToken)
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        Dictionary<string, Answer<TResult>> answers = await Driver.RunAsync(operation, [key], null, cancellationToken).ConfigureAwait(false);
        return answers[key];
    }

    private async Task SendOffsetsAsync()
    {
        TransactionOffsets offsets;
        lock (_gate)
        {
            offsets = _offsets;
        }

        foreach ((ConsumerGroupMetadata group, Dictionary<TopicPartition, PartitionOffset> positions) in offsets.Take())
        {
            try
            {
                await SendOffsetsAsync(group, positions).ConfigureAwait(false);
            }
            catch (KafkaException failure)
            {
                Judge(TransactionStep.CommitOffsets, failure);
                return;
            }
            catch (OperationCanceledException closed) when (_closing.IsCancellationRequested)
            {
                Fail(new KafkaException("The producer was closed meanwhile.", closed));
                return;
            }
        }
    }

    private async Task SendOffsetsAsync(ConsumerGroupMetadata group, Dictionary<TopicPartition, PartitionOffset> positions)
    {
        lock (_gate)
        {
            _machine.NoteWork();
        }

        if (_protocol == TransactionProtocol.First)
        {
            Answer<bool> added = await RunAsync(new AddOffsetsOperation(Id, _identity), group.GroupId, _closing.Token).ConfigureAwait(false);
            if (added.Failure is { } refusal)
            {
                Judge(TransactionStep.AddOffsets, refusal);
                return;
            }
        }

        var operation = new CommitOffsetsOperation(Id, _identity, _protocol, group, positions);
        Dictionary<TopicPartition, Answer<bool>> answers = await Driver.RunAsync(operation, positions.Keys, null, _closing.Token).ConfigureAwait(false);
        if (answers.Values.Select(a => a.Failure).OfType<KafkaException>().FirstOrDefault() is { } failure)
        {
            Judge(TransactionStep.CommitOffsets, failure);
        }
    }

    /// <summary>Takes no more records. When it returns, what was taken is in batches.</summary>
    private void Seal()
    {
        Volatile.Write(ref _openScope, NoScope);
        Host.PassGates();
    }

    private void Give(ProducerIdentity identity)
    {
        if (identity == _identity)
        {
            return;
        }

        _identity = identity;
        Log.IdentityGiven(_context.Logger, identity.Id, identity.Epoch);
        _context.Identity!.Give(identity);
    }

    private void Fail(KafkaException failure)
    {
        lock (_gate)
        {
            if (!_machine.Fail(failure))
            {
                return;
            }

            Volatile.Write(ref _openScope, NoScope);
        }

        Log.TransactionFailed(_context.Logger, Id, failure.Message);

        // Nothing of it can be committed: what has not set out need not, and what comes back need not go again.
        _isGivingUp = true;
        Host.DropWaiting($"The transaction failed: {failure.Message}");
    }

    private KafkaException Die(TransactionStep step, TransactionVerdict verdict, KafkaException failure)
    {
        KafkaException end = TransactionFaults.Fatal(Id, _context.Options.TransactionTimeout, step, verdict, failure);
        lock (_gate)
        {
            if (!_machine.Die(end))
            {
                return _machine.Failure!;
            }

            Volatile.Write(ref _openScope, NoScope);
        }

        _isGivingUp = true;
        Host.FailAll(end);
        return end;
    }
}
