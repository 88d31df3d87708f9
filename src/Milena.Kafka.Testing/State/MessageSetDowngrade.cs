using System.Buffers;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <summary>Turns stored batches into the message sets that clients before Kafka 0.11 read, as brokers before Kafka 4 did.</summary>
internal static class MessageSetDowngrade
{
    /// <summary>Rewrites whole batches; one that is cut off at the end is left out.</summary>
    /// <exception cref="UnsupportedCompressionException">A batch is compressed in a way that cannot be read.</exception>
    public static ReadOnlyMemory<byte> ToMessageSet(ReadOnlyMemory<byte> batches, byte magic, CompressionCodecs codecs)
    {
        var options = new RecordReadOptions { CheckCrc = false, Codecs = codecs };
        var messages = new ArrayBufferWriter<byte>(Math.Max(batches.Length, 1));
        foreach (RecordBatch batch in new RecordBatches(batches))
        {
            // Older clients know no markers.
            if (batch.IsControl)
            {
                continue;
            }

            using BatchRecords records = batch.OpenRecords(options);
            foreach (ref readonly Record record in records)
            {
                MessageSetWriter.Write(messages, magic, batch.TimestampType, record);
            }
        }

        return messages.WrittenMemory;
    }
}
