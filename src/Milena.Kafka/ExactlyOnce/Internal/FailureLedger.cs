using Milena.Kafka.Consumer.Internal.Processing;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>What the handler has failed with so far, and what follows from it by the policy. Pure; used by the loop alone.</summary>
internal sealed class FailureLedger
{
    private readonly FailurePolicy _policy;
    private readonly Dictionary<TransactionInput, int> _runs = [];
    private readonly Dictionary<TopicPartition, TransactionInput> _suspects = [];
    private readonly Dictionary<(TopicPartition Partition, long Offset), RecordVerdict> _verdicts = [];

    public FailureLedger(FailurePolicy policy) => _policy = policy;

    /// <summary>The handler has failed with a batch, or with a single record of one.</summary>
    /// <returns>What to do, beside aborting: stop, or run again after a pause.</returns>
    public FailureDecision Failed(TransactionInput batch, Exception fault)
    {
        int runs = _runs[batch] = _runs.GetValueOrDefault(batch) + 1;
        FailureDecision decision = _policy.Decide(runs, sent: 0);
        if (decision.Action is FailureAction.Stop or FailureAction.RunAgain)
        {
            return decision;
        }

        if (batch.Records > 1)
        {
            // One record's failure must not take others with it.
            _suspects[batch.Partition] = batch;
        }
        else
        {
            _verdicts[(batch.Partition, batch.FirstOffset)] = new RecordVerdict(decision.Topic, fault);
        }

        return new FailureDecision(FailureAction.RunAgain, null, TimeSpan.Zero);
    }

    /// <summary>Whether a batch has to be handled record by record.</summary>
    public bool IsSuspect(TransactionInput batch) =>
        _suspects.TryGetValue(batch.Partition, out TransactionInput? suspect) && batch.FirstOffset < suspect.NextOffset && batch.NextOffset > suspect.FirstOffset;

    /// <summary>What was decided of a record; null if it goes to the handler.</summary>
    public RecordVerdict? VerdictOf(TopicPartition partition, long offset) => _verdicts.GetValueOrDefault((partition, offset));

    /// <summary>Batches have been committed: what was noted of them is of no use any more.</summary>
    public void Forget(IEnumerable<TransactionInput> inputs)
    {
        if (_runs.Count == 0)
        {
            return;
        }

        foreach (TransactionInput input in inputs)
        {
            foreach (TransactionInput known in _runs.Keys.Where(k => k.Partition == input.Partition && k.NextOffset <= input.NextOffset).ToList())
            {
                _runs.Remove(known);
                _verdicts.Remove((known.Partition, known.FirstOffset));
            }

            if (_suspects.TryGetValue(input.Partition, out TransactionInput? suspect) && suspect.NextOffset <= input.NextOffset)
            {
                _suspects.Remove(input.Partition);
            }
        }
    }
}
