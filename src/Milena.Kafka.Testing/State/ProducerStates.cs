using System.Diagnostics.CodeAnalysis;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <summary>
/// Holds the batches of idempotent producers against what a partition has stored of them, and knows their transactions (KIP-98). Guarded by the
/// partition.
/// </summary>
internal sealed class ProducerStates
{
    private readonly SortedDictionary<long, ProducerEntry> _producers = [];

    public TransactionIndex Transactions { get; } = new();

    public IEnumerable<(long Id, ProducerEntry Entry)> All => _producers.Select(producer => (producer.Key, producer.Value));

    public bool IsDuplicate(in RecordBatch batch, [NotNullWhen(true)] out ProducedBatch? original)
    {
        BatchProducer producer = batch.Producer;
        original = producer.Id >= 0 && _producers.TryGetValue(producer.Id, out ProducerEntry? entry)
            ? entry.FindDuplicate(producer.Epoch, producer.BaseSequence, batch.LastSequence)
            : null;
        return original is not null;
    }

    public AppendError? Check(in RecordBatch batch)
    {
        // KIP-360: of a producer that is not known any more, any sequence is taken.
        BatchProducer producer = batch.Producer;
        if (producer.Id < 0 || !_producers.TryGetValue(producer.Id, out ProducerEntry? entry))
        {
            return null;
        }

        if (producer.Epoch < entry.Epoch)
        {
            return new AppendError(
                ErrorCode.InvalidProducerEpoch,
                $"Producer {producer.Id} comes with epoch {producer.Epoch}, its newest is {entry.Epoch}.");
        }

        bool inSequence = producer.Epoch > entry.Epoch ? producer.BaseSequence == 0 : entry.Continues(producer.BaseSequence);
        if (!inSequence)
        {
            return new AppendError(
                ErrorCode.OutOfOrderSequenceNumber,
                $"Producer {producer.Id} comes with sequence {producer.BaseSequence} of epoch {producer.Epoch}; the last was {entry.LastSequence} of epoch {entry.Epoch}.");
        }

        return entry.TransactionStart is { } start && !batch.IsTransactional
            ? new AppendError(ErrorCode.InvalidTxnState, $"Producer {producer.Id} writes outside of the transaction that it began at offset {start}.")
            : null;
    }

    public void Add(in RecordBatch batch, long baseOffset, long? logAppendTime)
    {
        BatchProducer producer = batch.Producer;
        if (producer.Id < 0)
        {
            return;
        }

        ProducerEntry entry = FindOrCreate(producer.Id);
        entry.Add(
            producer.Epoch,
            new ProducedBatch(producer.BaseSequence, batch.LastSequence, baseOffset, logAppendTime),
            logAppendTime ?? batch.MaxTimestamp);
        if (batch.IsTransactional && entry.TransactionStart is null)
        {
            entry.TransactionStart = baseOffset;
            Transactions.Open(baseOffset);
        }
    }

    /// <summary>Whether a marker may be written.</summary>
    public ErrorCode Check(in TransactionMarker marker)
    {
        if (!_producers.TryGetValue(marker.Producer.Id, out ProducerEntry? entry))
        {
            return ErrorCode.None;
        }

        if (marker.Producer.Epoch < entry.Epoch || (marker.MustHaveNewEpoch && marker.Producer.Epoch == entry.Epoch))
        {
            return ErrorCode.InvalidProducerEpoch;
        }

        return marker.CoordinatorEpoch < entry.CoordinatorEpoch ? ErrorCode.TransactionCoordinatorFenced : ErrorCode.None;
    }

    /// <summary>Ends the transaction of a producer, if it has one here, and fences its older epochs.</summary>
    public void Add(in TransactionMarker marker, long offset, long timestamp)
    {
        ProducerEntry entry = FindOrCreate(marker.Producer.Id);
        entry.AddMarker(marker.Producer.Epoch, marker.CoordinatorEpoch, timestamp);
        if (entry.TransactionStart is { } start)
        {
            entry.TransactionStart = null;
            Transactions.Close(marker.Producer.Id, start, offset, marker.IsCommit);
        }
    }

    /// <summary>Forgets producers that have no open transaction and no record younger than a time.</summary>
    public void ForgetIdle(long until)
    {
        foreach ((long id, ProducerEntry entry) in All.ToArray())
        {
            if (entry.TransactionStart is null && entry.LastTimestamp <= until)
            {
                _producers.Remove(id);
            }
        }
    }

    public void Clear()
    {
        _producers.Clear();
        Transactions.Clear();
    }

    private ProducerEntry FindOrCreate(long producerId)
    {
        if (!_producers.TryGetValue(producerId, out ProducerEntry? entry))
        {
            _producers[producerId] = entry = new ProducerEntry();
        }

        return entry;
    }
}
