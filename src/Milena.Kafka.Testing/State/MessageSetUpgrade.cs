using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <summary>Turns message sets, which clients before Kafka 0.11 send, into one batch of magic 2, as brokers did.</summary>
internal static class MessageSetUpgrade
{
    /// <summary>Rewrites a message set.</summary>
    /// <returns>The batch; nothing if the set is empty.</returns>
    /// <exception cref="CorruptRecordBatchException">A message is corrupt.</exception>
    /// <exception cref="UnsupportedCompressionException">A message is compressed in a way that cannot be read.</exception>
    public static ReadOnlyMemory<byte> ToBatch(ReadOnlyMemory<byte> messages, CompressionCodecs codecs)
    {
        var options = new RecordReadOptions { Codecs = codecs };
        var opened = new List<BatchRecords>();
        try
        {
            long size = RecordBatchWriter.HeaderSize;
            foreach (RecordBatch message in new RecordBatches(messages))
            {
                BatchRecords records = message.OpenRecords(options);
                opened.Add(records);
                foreach (ref readonly Record record in records)
                {
                    size += RecordBatchWriter.EstimateSize(record.KeySpan.Length, record.ValueSpan.Length);
                }
            }

            return Write(opened, size);
        }
        finally
        {
            opened.ForEach(records => records.Dispose());
        }
    }

    private static ReadOnlyMemory<byte> Write(List<BatchRecords> opened, long size)
    {
        var writer = new RecordBatchWriter(new byte[checked((int)size)]);
        foreach (BatchRecords records in opened)
        {
            foreach (ref readonly Record record in records)
            {
                writer.TryAppend(record);
            }
        }

        return writer.Count == 0 ? default : writer.Close(RecordBatchFlags.None, BatchProducer.None);
    }
}
