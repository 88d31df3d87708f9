using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Takes in what goes wrong, and sees to it that the scope is lost, or the producer ends. Any thread.</summary>
internal sealed class TransactionJudge
{
    private readonly ProducerContext _context;
    private readonly TransactionStatus _status;
    private readonly TransactionHost _host;

    public TransactionJudge(ProducerContext context, TransactionStatus status, TransactionHost host)
    {
        _context = context;
        _status = status;
        _host = host;
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

        if (failure.Code == ErrorCode.UnknownProducerId)
        {
            _status.Do(machine => machine.NoteDoubt());
        }

        Fail(failure);
    }

    /// <summary>The scope can only be aborted.</summary>
    public void Fail(KafkaException failure)
    {
        if (!_status.Do(machine => machine.Fail(failure)))
        {
            return;
        }

        // Nothing of it can be committed: what has not set out need not, and what comes back need not go again.
        _status.GiveUp();
        Log.TransactionFailed(_context.Logger, _status.Id, failure.Message);
        _host.DropWaiting($"The transaction failed: {failure.Message}");
    }

    /// <summary>The producer is at its end.</summary>
    /// <param name="step">At which step.</param>
    /// <param name="verdict">Fenced, or fatal for another reason.</param>
    /// <param name="failure">What the broker said.</param>
    /// <param name="mayBeCommitted">Whether the coordinator may have heeded a request to commit.</param>
    /// <returns>What all are told from now on.</returns>
    public KafkaException Die(TransactionStep step, TransactionVerdict verdict, KafkaException failure, bool mayBeCommitted = false)
    {
        KafkaException end = TransactionFaults.Fatal(_status.Id, _context.Options.TransactionTimeout, step, verdict, failure);
        if (!_status.Do(machine => machine.Die(end, mayBeCommitted)))
        {
            return _status.Do(machine => machine.Failure!);
        }

        _status.GiveUp();
        _host.FailAll(end);
        return end;
    }
}
