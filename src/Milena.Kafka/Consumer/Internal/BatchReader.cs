using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>
/// Walks the batches of fetched records from an offset on and opens those that a user may see: none before the offset, no control batch, none
/// of an aborted transaction, none without records. Owned by the consumer's one reader; not thread-safe.
/// </summary>
internal sealed class BatchReader
{
    private readonly RecordReadOptions _options;
    private readonly AbortedTransactions? _aborted;
    private RecordBatches.Enumerator _batches;

    /// <summary>Starts before the first batch.</summary>
    /// <param name="records">The records field of an answer.</param>
    /// <param name="offset">The first offset that is wanted.</param>
    /// <param name="aborted">The aborted transactions of the answer; null to read uncommitted records too.</param>
    /// <param name="options">How to open batches.</param>
    public BatchReader(ReadOnlyMemory<byte> records, long offset, AbortedTransactions? aborted, RecordReadOptions options)
    {
        _batches = new RecordBatches(records).GetEnumerator();
        _aborted = aborted;
        _options = options;
        NextOffset = offset;
    }

    /// <summary>The first wanted offset that no batch so far has covered. A batch that was opened counts once the next one is asked for.</summary>
    public long NextOffset { get; private set; }

    /// <summary>Where reading goes on after the batch that was opened or failed last; no more than <see cref="NextOffset"/> if its head cannot be read.</summary>
    public long OffsetAfterBatch { get; private set; }

    /// <summary>Opens the next batch that has something for the user. The caller skips its records below <see cref="NextOffset"/>.</summary>
    /// <returns>The records, to be disposed by the caller; null at the end, when <see cref="NextOffset"/> is where to fetch on.</returns>
    /// <exception cref="ProtocolException">The batch cannot be read; <see cref="NextOffset"/> stays before it.</exception>
    public BatchRecords? OpenNext()
    {
        NextOffset = Math.Max(NextOffset, OffsetAfterBatch);
        while (_batches.MoveNext())
        {
            RecordBatch batch = _batches.Current;
            if (batch.LastOffset < NextOffset)
            {
                // Brokers send from the start of the batch, or of the segment index entry, that holds the offset. The
                // markers among these still count.
                Pass(batch);
                continue;
            }

            OffsetAfterBatch = batch.NextOffset;
            if (batch.IsControl)
            {
                Pass(batch);
            }
            else if (_aborted?.Covers(batch) != true && batch.RecordCount != 0)
            {
                return batch.OpenRecords(_options);
            }

            NextOffset = batch.NextOffset;
        }

        return null;
    }

    private void Pass(in RecordBatch batch)
    {
        if (_aborted is null)
        {
            return;
        }

        if (!batch.IsControl)
        {
            _aborted.Covers(batch);
            return;
        }

        using BatchRecords records = batch.OpenRecords(_options);
        foreach (ref readonly Record record in records)
        {
            _aborted.Pass(batch, ControlRecord.Read(record).Type);
        }
    }
}
