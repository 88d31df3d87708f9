using System.Buffers.Binary;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Tests.Producer;

/// <summary>The log of one partition with Kafka's rules for idempotent producers, and nothing else.</summary>
internal sealed class SimulatedPartition
{
    private const int BatchesRemembered = 5;

    private readonly Dictionary<long, Entry> _producers = [];

    /// <summary>The values of all records, by offset.</summary>
    public List<int> Log { get; } = [];

    public (ErrorCode Error, long BaseOffset) Append(byte[] bytes)
    {
        RecordBatch batch = default;
        foreach (RecordBatch one in new RecordBatches(bytes))
        {
            batch = one;
        }

        if (!batch.HasValidCrc())
        {
            return (ErrorCode.CorruptMessage, -1);
        }

        BatchProducer producer = batch.Producer;
        if (_producers.TryGetValue(producer.Id, out Entry? entry))
        {
            if (entry.Epoch == producer.Epoch && entry.Batches.Find(b => b.First == producer.BaseSequence && b.Last == LastSequence(producer, batch.RecordCount)) is { } known)
            {
                return (ErrorCode.None, known.Offset);
            }

            if (producer.Epoch < entry.Epoch)
            {
                return (ErrorCode.InvalidProducerEpoch, -1);
            }

            int expected = producer.Epoch > entry.Epoch ? 0 : After(entry.Batches[^1].Last);
            if (producer.BaseSequence != expected)
            {
                return (ErrorCode.OutOfOrderSequenceNumber, -1);
            }
        }

        // KIP-360: of a producer that it does not know, the broker takes any sequence number.
        return (ErrorCode.None, Store(batch, entry));
    }

    private static int After(int sequence) => sequence == int.MaxValue ? 0 : sequence + 1;

    private static int LastSequence(BatchProducer producer, int count) => (int)((producer.BaseSequence + (long)count - 1) % (1L + int.MaxValue));

    private long Store(RecordBatch batch, Entry? entry)
    {
        BatchProducer producer = batch.Producer;
        if (entry is null || entry.Epoch != producer.Epoch)
        {
            _producers[producer.Id] = entry = new Entry(producer.Epoch);
        }

        long offset = Log.Count;
        entry.Batches.Add(new Stored(producer.BaseSequence, LastSequence(producer, batch.RecordCount), offset));
        if (entry.Batches.Count > BatchesRemembered)
        {
            entry.Batches.RemoveAt(0);
        }

        using BatchRecords records = batch.OpenRecords();
        foreach (ref readonly Record record in records)
        {
            Log.Add(BinaryPrimitives.ReadInt32BigEndian(record.ValueSpan));
        }

        return offset;
    }

    private sealed record Stored(int First, int Last, long Offset);

    private sealed class Entry(short epoch)
    {
        public short Epoch { get; } = epoch;

        public List<Stored> Batches { get; } = [];
    }
}
