using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Makes two batches out of one that a broker calls too large, records in the same order.</summary>
internal static class BatchSplit
{
    /// <summary>Copies the records of a batch into two. Both take their place, or neither: the batch itself is left as it is.</summary>
    public static (ProducerBatch First, ProducerBatch Second) InHalves(ProducerBatch batch)
    {
        int half = batch.Count / 2;
        ProducerBatch first = batch.CreatePart(0);
        ProducerBatch second = batch.CreatePart(half);
        foreach (RecordBatch closed in new RecordBatches(batch.Bytes))
        {
            using BatchRecords records = closed.OpenRecords();
            foreach (ref readonly Record record in records)
            {
                ProducerBatch part = first.Count < half ? first : second;
                if (!part.TryAppendCopy(in record))
                {
                    throw new InvalidOperationException("A part of a batch has no room for a record of the whole.");
                }
            }
        }

        return (first, second);
    }
}
