using System.Diagnostics.CodeAnalysis;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <summary>Holds the batches of idempotent producers against what a partition has stored of them (KIP-98). Guarded by the partition.</summary>
internal sealed class ProducerStates
{
    private readonly Dictionary<long, ProducerEntry> _producers = [];

    public bool IsDuplicate(in RecordBatch batch, [NotNullWhen(true)] out ProducedBatch? original)
    {
        BatchProducer producer = batch.Producer;
        original = producer.Id >= 0 && _producers.TryGetValue(producer.Id, out ProducerEntry? entry)
            ? entry.FindDuplicate(producer.Epoch, producer.BaseSequence, batch.LastSequence)
            : null;
        return original is not null;
    }

    public AppendError? Check(BatchProducer producer)
    {
        // KIP-360: of a producer that is not known any more, any sequence is taken.
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
        return inSequence
            ? null
            : new AppendError(
                ErrorCode.OutOfOrderSequenceNumber,
                $"Producer {producer.Id} comes with sequence {producer.BaseSequence} of epoch {producer.Epoch}; the last was {entry.LastSequence} of epoch {entry.Epoch}.");
    }

    public void Add(in RecordBatch batch, long baseOffset, long? logAppendTime)
    {
        BatchProducer producer = batch.Producer;
        if (producer.Id < 0)
        {
            return;
        }

        if (!_producers.TryGetValue(producer.Id, out ProducerEntry? entry))
        {
            _producers[producer.Id] = entry = new ProducerEntry();
        }

        entry.Add(producer.Epoch, new ProducedBatch(producer.BaseSequence, batch.LastSequence, baseOffset, logAppendTime));
    }

    public void Clear() => _producers.Clear();
}
