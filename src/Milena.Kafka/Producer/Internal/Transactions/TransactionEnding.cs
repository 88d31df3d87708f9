using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Commits and aborts scopes, and finds out how one ended of which the coordinator has not said it.</summary>
internal sealed class TransactionEnding
{
    private readonly ProducerContext _context;
    private readonly TransactionStatus _status;
    private readonly TransactionHost _host;
    private readonly TransactionJudge _judge;
    private readonly TransactionRequests _requests;
    private readonly PartitionRegistrar _registrar;
    private readonly OffsetsSender _offsets;

    public TransactionEnding(
        ProducerContext context, TransactionStatus status, TransactionHost host, TransactionJudge judge, TransactionRequests requests, PartitionRegistrar registrar)
    {
        _context = context;
        _status = status;
        _host = host;
        _judge = judge;
        _requests = requests;
        _registrar = registrar;
        _offsets = new OffsetsSender(context, status, judge, requests);
    }

    /// <summary>Commits, after all that the scope has taken has been stored.</summary>
    /// <exception cref="KafkaException">It is not committed, or that is not known.</exception>
    public async Task CommitAsync(TransactionScope scope)
    {
        await scope.Calls.WhenNone().ConfigureAwait(false);
        Seal();
        Task offsets = _offsets.SendAsync(scope.Offsets);
        await _host.DrainAsync().ConfigureAwait(false);
        await offsets.ConfigureAwait(false);
        await _registrar.WhenIdle().ConfigureAwait(false);
        if (_status.Do(machine => machine.TryEndUnasked()))
        {
            return;
        }

        EndTransactionOperation operation = End(commit: true);
        Answer<ProducerIdentity> answer = await _requests.AskAsync(operation, _status.Id).ConfigureAwait(false);
        if (answer.Failure is { } failure)
        {
            throw NotCommitted(failure, operation.IsAmbiguous);
        }

        Accept(operation, answer);
        _status.Do(machine => machine.Ended());
    }

    /// <summary>Aborts, after all that was on its way has come back.</summary>
    /// <exception cref="KafkaException">The producer is at its end.</exception>
    public async Task AbortAsync()
    {
        _status.GiveUp();
        Seal();
        _host.DropWaiting("The transaction was aborted.");
        await _host.DrainAsync().ConfigureAwait(false);
        await _registrar.WhenIdle().ConfigureAwait(false);
        if (_status.Do(machine => machine.TryEndUnasked()))
        {
            return;
        }

        EndTransactionOperation operation = End(commit: false);
        Answer<ProducerIdentity> answer = await _requests.AskAsync(operation, _status.Id).ConfigureAwait(false);
        if (answer.Failure is { } refusal && TransactionErrors.LeavesOpen(refusal))
        {
            // Nothing else can commit it: the coordinator aborts it when it is asked again, or by the transaction's time-out.
            Log.AbortUnconfirmed(_context.Logger, _status.Id, refusal.Message);
            _status.Do(machine => machine.Unresolve(wasCommit: false));
            return;
        }

        Accept(operation, answer);
        _status.Do(machine => machine.Ended());
    }

    /// <summary>Asks once more how the last scope ended. If that cannot be told any more, it is over all the same, and a newer identity makes sure of it.</summary>
    public async Task ResolveAsync(CancellationToken cancellationToken)
    {
        bool commit = _status.Do(machine => machine.WasCommit);
        EndTransactionOperation operation = End(commit);
        Answer<ProducerIdentity> answer = await AskAsync(operation, cancellationToken).ConfigureAwait(false);
        if (answer.Failure is { } failure && commit && !TransactionErrors.IsUnheard(failure) && TransactionErrors.Sort(TransactionStep.End, failure.Code) == TransactionVerdict.Abortable)
        {
            operation = End(commit: false);
            answer = await AskAsync(operation, cancellationToken).ConfigureAwait(false);
        }

        Accept(operation, answer);
        _status.Do(machine => machine.Resolved());
    }

    private async Task<Answer<ProducerIdentity>> AskAsync(EndTransactionOperation operation, CancellationToken cancellationToken)
    {
        Dictionary<string, Answer<ProducerIdentity>> answers = await _context.Cluster.Driver.RunAsync(operation, [_status.Id], null, cancellationToken).ConfigureAwait(false);
        return answers[_status.Id];
    }

    private EndTransactionOperation End(bool commit) => new(_context.Identity!.Current, _status.Protocol, commit);

    /// <summary>Takes no more records. When it returns, what was taken is in batches.</summary>
    private void Seal()
    {
        _status.Seal();
        _host.PassGates();
    }

    /// <summary>What a commit ends with that the coordinator did not confirm.</summary>
    private KafkaException NotCommitted(KafkaException failure, bool isAmbiguous)
    {
        TransactionVerdict verdict = TransactionErrors.Sort(TransactionStep.End, failure.Code);
        if (verdict is TransactionVerdict.Fenced or TransactionVerdict.Fatal)
        {
            KafkaException end = _judge.Die(TransactionStep.End, verdict, failure, mayBeCommitted: isAmbiguous);
            return isAmbiguous ? TransactionFaults.Unknown(_status.Id, end) : end;
        }

        if (isAmbiguous)
        {
            _status.Do(machine => machine.Unresolve(wasCommit: true));
            return TransactionFaults.Unknown(_status.Id, failure);
        }

        // No attempt was heeded: it can still be aborted.
        _judge.Judge(TransactionStep.End, failure);
        return _status.Do(machine => machine.Refused());
    }

    /// <summary>Takes in what the coordinator said to the end of a scope.</summary>
    private void Accept(EndTransactionOperation operation, Answer<ProducerIdentity> answer)
    {
        if (answer.Failure is not { } failure)
        {
            _status.Protocol = operation.NextProtocol;
            if (_context.Identity!.Give(answer.Value))
            {
                _status.Do(machine => machine.Renewed());
            }

            return;
        }

        TransactionVerdict verdict = TransactionErrors.Sort(TransactionStep.End, failure.Code);
        if (verdict is TransactionVerdict.Fenced or TransactionVerdict.Fatal)
        {
            throw _judge.Die(TransactionStep.End, verdict, failure);
        }

        if (TransactionErrors.LeavesOpen(failure))
        {
            // InitProducerId would fence this producer itself: the coordinator takes it for another one while the transaction runs.
            throw failure;
        }

        // The coordinator knows of no such transaction: it has nothing to end.
        _status.Do(machine => machine.NoteDoubt());
    }
}
