using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Does what must be done before a scope can begin: the last one has ended for sure, and the producer has an identity that nothing late belongs to.</summary>
internal sealed class TransactionOpening
{
    private readonly ProducerContext _context;
    private readonly TransactionStatus _status;
    private readonly TransactionJudge _judge;
    private readonly TransactionEnding _ending;

    public TransactionOpening(ProducerContext context, TransactionStatus status, TransactionJudge judge, TransactionEnding ending)
    {
        _context = context;
        _status = status;
        _judge = judge;
        _ending = ending;
    }

    /// <summary>Makes ready.</summary>
    /// <exception cref="KafkaException">That did not succeed; unless the producer is at its end, it may be tried again.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_status.Do(machine => machine.MustResolve))
        {
            await _ending.ResolveAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_context.Identity!.Current.IsNone || _status.Do(machine => machine.MustRenew))
        {
            await InitializeAsync(_context.Identity.Current, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task InitializeAsync(ProducerIdentity held, CancellationToken cancellationToken)
    {
        var operation = new InitTransactionsOperation(_context.Options.TransactionTimeout, held);
        ProducerIdentity given;
        try
        {
            given = await _context.Cluster.Driver.RunAsync(operation, _status.Id, cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException failure)
        {
            TransactionVerdict verdict = !held.IsNone && failure is UnsupportedVersionException ? TransactionVerdict.Fatal : TransactionErrors.Sort(TransactionStep.Init, failure.Code);
            if (verdict is TransactionVerdict.Fenced or TransactionVerdict.Fatal)
            {
                throw _judge.Die(TransactionStep.Init, verdict, failure);
            }

            if (failure.Code == ErrorCode.TransactionalIdAuthorizationFailed)
            {
                throw TransactionFaults.Denied(_status.Id, failure);
            }

            throw;
        }

        _status.Do(machine => machine.Renewed());
        _status.Protocol = operation.Protocol;
        _context.Identity!.Give(given);
    }
}
