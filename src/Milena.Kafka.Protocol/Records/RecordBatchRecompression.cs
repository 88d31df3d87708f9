using System.Buffers;
using System.Buffers.Binary;
using Milena.Kafka.Compression;
using static Milena.Kafka.Protocol.Records.RecordBatchLayout;

namespace Milena.Kafka.Protocol.Records;

/// <summary>Puts the records of a batch of magic 2 behind another codec, as brokers do for topics with a <c>compression.type</c> of their own.</summary>
public static class RecordBatchRecompression
{
    /// <summary>A copy of a batch with its records compressed in another way. Records, offsets, times, producer and sequence stay as they are.</summary>
    /// <param name="batch">The batch, of magic 2.</param>
    /// <param name="compression">How to compress; <see langword="null"/> for not at all. Records that do not become smaller are compressed all the same.</param>
    /// <param name="options">How the records are read.</param>
    /// <exception cref="ArgumentException">The batch is not of magic 2.</exception>
    /// <exception cref="CorruptRecordBatchException">The batch cannot be read.</exception>
    /// <exception cref="UnsupportedCompressionException">No codec is registered for the batch.</exception>
    public static byte[] Recompress(in RecordBatch batch, BatchCompression? compression, RecordReadOptions? options = null)
    {
        if (batch.Magic != CurrentMagic)
        {
            throw new ArgumentException($"Only batches of magic {CurrentMagic} can be compressed anew, not of {batch.Magic}.", nameof(batch));
        }

        using BatchRecords records = batch.OpenRecords(options);
        byte[] bytes = Assemble(batch, records.Body, compression);
        RecordBatchStamp.WriteCrc(bytes);
        return bytes;
    }

    /// <summary>The header of a batch before other records, with their size and codec. The CRC is for the caller to write.</summary>
    internal static byte[] Assemble(in RecordBatch batch, ReadOnlyMemory<byte> records, BatchCompression? compression)
    {
        if (compression is { } wanted)
        {
            var compressed = new ArrayBufferWriter<byte>();
            wanted.Codec.Compress(records, compressed, wanted.Level);
            records = compressed.WrittenMemory;
        }

        byte[] bytes = new byte[HeaderSize + records.Length];
        batch.Bytes.Span[..HeaderSize].CopyTo(bytes);
        records.Span.CopyTo(bytes.AsSpan(HeaderSize));
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(Length), bytes.Length - LogOverhead);
        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(Attributes), (short)((short)batch.Flags | (short)(compression?.Type ?? CompressionType.None)));
        return bytes;
    }
}
