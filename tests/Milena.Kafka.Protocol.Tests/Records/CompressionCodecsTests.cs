using System.Buffers;
using Milena.Kafka.Compression;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

public class CompressionCodecsTests
{
    [Test]
    public void A_codec_of_the_user_compresses_and_decompresses()
    {
        CompressionCodecs codecs = CompressionCodecs.Default.With(CompressionType.Zstd, new ZeroRunCodec());
        var writer = new RecordBatchWriter(new byte[2000]);
        writer.TryAppend(3, RecordBytes.Null, new byte[1000]);

        ReadOnlyMemory<byte> bytes = writer.Close(RecordBatchFlags.None, BatchProducer.None, new BatchCompression(CompressionType.Zstd, codecs.Get(CompressionType.Zstd)));
        RecordBatch batch = new RecordBatches(bytes).Single();

        Assert.That((batch.Compression, batch.Bytes.Length < 200), Is.EqualTo((CompressionType.Zstd, true)));
        Assert.That(RecordText.Lines(batch, new RecordReadOptions { Codecs = codecs }), Is.EqualTo(new[] { "0\t3\tnull\t" + new string('0', 2000) + "\t" }));
    }

    [Test]
    public void Adding_a_codec_leaves_the_first_set_as_it_was()
    {
        var codec = new ZeroRunCodec();

        CompressionCodecs codecs = CompressionCodecs.Default.With(CompressionType.Gzip, codec);

        Assert.That(codecs.Get(CompressionType.Gzip), Is.SameAs(codec));
        Assert.That(CompressionCodecs.Default.Get(CompressionType.Gzip), Is.TypeOf<GzipCodec>());
    }

    [Test]
    public void A_number_that_no_codec_can_have_is_refused([Values(-1, 0, 8)] sbyte number)
    {
        Assert.That(() => CompressionCodecs.Default.With((CompressionType)number, new ZeroRunCodec()), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_codec_that_exceeds_the_limit_is_stopped()
    {
        CompressionCodecs codecs = CompressionCodecs.Default.With(CompressionType.Gzip, new ZeroRunCodec());
        var writer = new RecordBatchWriter(new byte[2_000_000]);
        writer.TryAppend(3, RecordBytes.Null, new byte[1_900_000]);
        byte[] bytes = writer.Close(RecordBatchFlags.None, BatchProducer.None, new BatchCompression(CompressionType.Gzip, codecs.Get(CompressionType.Gzip))).ToArray();

        Assert.That(
            () => new RecordBatches(bytes).Single().OpenRecords(new RecordReadOptions { Codecs = codecs, MaxDecompressedSize = 1000 }),
            Throws.TypeOf<CorruptRecordBatchException>());
    }

    /// <summary>Writes a run of zeros as its length, byte by byte of 255; other bytes as a run of none and themselves. Knows no limit.</summary>
    private sealed class ZeroRunCodec : ICompressionCodec
    {
        public string Name => "zero-run";

        public void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null)
        {
            int run = 0;
            foreach (byte next in source.ToArray())
            {
                if (next == 0 && run < 255)
                {
                    run++;
                    continue;
                }

                destination.Write([(byte)run, next]);
                run = 0;
            }

            destination.Write([(byte)run]);
        }

        public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize)
        {
            ReadOnlySpan<byte> rest = source.Span;
            while (!rest.IsEmpty)
            {
                destination.Write(new byte[rest[0]]);
                destination.Write(rest.Length > 1 ? rest.Slice(1, 1) : default);
                rest = rest[Math.Min(2, rest.Length)..];
            }
        }
    }
}
