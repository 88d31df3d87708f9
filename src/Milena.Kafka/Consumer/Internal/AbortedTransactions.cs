using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Tells which batches of one fetch answer belong to aborted transactions (KIP-98). Asked about each batch once, in order.</summary>
internal sealed class AbortedTransactions
{
    private readonly FetchResponse.AbortedTransaction[] _byFirstOffset;
    private readonly HashSet<long> _aborting = [];
    private int _begun;

    public AbortedTransactions(IEnumerable<FetchResponse.AbortedTransaction> aborted)
    {
        // Brokers do not promise any order.
        _byFirstOffset = [.. aborted.OrderBy(t => t.FirstOffset)];
    }

    /// <summary>Whether the records of a batch were taken back. The batch is not a control batch.</summary>
    public bool Covers(in RecordBatch batch)
    {
        Begin(batch);
        return batch.IsTransactional && _aborting.Contains(batch.Producer.Id);
    }

    /// <summary>Takes in a control batch.</summary>
    public void Pass(in RecordBatch batch, ControlRecordType type)
    {
        Begin(batch);
        if (type == ControlRecordType.Abort)
        {
            _aborting.Remove(batch.Producer.Id);
        }
    }

    private void Begin(in RecordBatch batch)
    {
        while (_begun < _byFirstOffset.Length && _byFirstOffset[_begun].FirstOffset <= batch.LastOffset)
        {
            _aborting.Add(_byFirstOffset[_begun++].ProducerId);
        }
    }
}
