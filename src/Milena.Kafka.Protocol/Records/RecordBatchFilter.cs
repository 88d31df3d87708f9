using System.Buffers;
using System.Buffers.Binary;
using static Milena.Kafka.Protocol.Records.RecordBatchLayout;

namespace Milena.Kafka.Protocol.Records;

/// <summary>Writes a stored batch of magic 2 anew with some of its records, as brokers do when they compact a log. Offsets and sequences stay.</summary>
public static class RecordBatchFilter
{
    /// <summary>Whether a record stays.</summary>
    /// <param name="record">The record.</param>
    public delegate bool Predicate(in Record record);

    /// <summary>A copy of a batch that has only certain records. It covers the same offsets, even if none is left.</summary>
    /// <param name="batch">The batch, of magic 2.</param>
    /// <param name="keep">Whether a record stays.</param>
    /// <param name="deleteHorizon">When tombstones and markers of the batch may go, in milliseconds since 1970; <see langword="null"/> leaves what the batch says of it (KIP-534).</param>
    /// <param name="codecs">What decompresses and compresses.</param>
    /// <exception cref="ArgumentException">The batch is not of magic 2.</exception>
    /// <exception cref="CorruptRecordBatchException">The batch cannot be read.</exception>
    /// <exception cref="UnsupportedCompressionException">No codec is registered for the batch.</exception>
    public static byte[] Keep(in RecordBatch batch, Predicate keep, long? deleteHorizon, CompressionCodecs codecs)
    {
        ArgumentNullException.ThrowIfNull(keep);
        ArgumentNullException.ThrowIfNull(codecs);
        if (batch.Magic != CurrentMagic)
        {
            throw new ArgumentException($"Only batches of magic {CurrentMagic} can be written anew, not of {batch.Magic}.", nameof(batch));
        }

        long baseTimestamp = deleteHorizon ?? batch.BaseTimestamp;
        var body = new ArrayBufferWriter<byte>(Math.Max(batch.Bytes.Length - RecordBatchLayout.HeaderSize, 1));
        (int count, long maxTimestamp) = WriteRecords(batch, keep, baseTimestamp, codecs, body);
        BatchCompression? compression = count == 0 || batch.Compression == CompressionType.None ? null : new BatchCompression(batch.Compression, codecs.Get(batch.Compression));
        byte[] bytes = RecordBatchRecompression.Assemble(batch, body.WrittenMemory, compression);
        if (deleteHorizon is not null)
        {
            short attributes = (short)(BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(Attributes)) | (short)RecordBatchFlags.DeleteHorizon);
            BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(Attributes), attributes);
        }

        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(RecordBatchLayout.BaseTimestamp), baseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(RecordBatchLayout.MaxTimestamp), maxTimestamp);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(RecordCount), count);
        RecordBatchStamp.WriteCrc(bytes);
        return bytes;
    }

    private static (int Count, long MaxTimestamp) WriteRecords(
        in RecordBatch batch, Predicate keep, long baseTimestamp, CompressionCodecs codecs, ArrayBufferWriter<byte> body)
    {
        int count = 0;
        long newest = long.MinValue;
        using BatchRecords records = batch.OpenRecords(new RecordReadOptions { Codecs = codecs });
        foreach (ref readonly Record record in records)
        {
            if (keep(record))
            {
                Write(record, (int)(record.Offset - batch.BaseOffset), record.Timestamp - baseTimestamp, body);
                newest = Math.Max(newest, record.Timestamp);
                count++;
            }
        }

        // With log append time all records have the time of the batch.
        return (count, count == 0 || batch.TimestampType == TimestampType.LogAppendTime ? batch.MaxTimestamp : newest);
    }

    private static void Write(in Record record, int offsetDelta, long timestampDelta, ArrayBufferWriter<byte> body)
    {
        RecordHeaders headers = record.Headers;
        int keyLength = record.IsKeyNull ? -1 : record.KeySpan.Length;
        int valueLength = record.IsValueNull ? -1 : record.ValueSpan.Length;
        int size = 1 + Varint.Size(timestampDelta) + Varint.Size(offsetDelta) + Varint.Size(keyLength) + record.KeySpan.Length
            + Varint.Size(valueLength) + record.ValueSpan.Length + Varint.Size(headers.Count) + headers.Encoded.Length;
        Span<byte> room = body.GetSpan(size + Varint.MaxSize32);
        int at = Varint.Write(room, size);
        room[at++] = 0;
        at += Varint.Write(room[at..], timestampDelta);
        at += Varint.Write(room[at..], offsetDelta);
        at += Varint.Write(room[at..], keyLength);
        record.KeySpan.CopyTo(room[at..]);
        at += record.KeySpan.Length;
        at += Varint.Write(room[at..], valueLength);
        record.ValueSpan.CopyTo(room[at..]);
        at += record.ValueSpan.Length;
        at += Varint.Write(room[at..], headers.Count);
        headers.Encoded.Span.CopyTo(room[at..]);
        body.Advance(at + headers.Encoded.Length);
    }
}
