using System.Buffers.Binary;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

public class RecordBatchReaderTests
{
    private const int LastOffsetDelta = 23;
    private const int RecordCount = 57;

    [Test]
    public void A_last_batch_that_was_cut_off_is_left_out_at_any_byte()
    {
        byte[] one = Batch();
        byte[] two = [.. one, .. one];
        for (int length = one.Length; length < two.Length; length++)
        {
            RecordBatches.Enumerator enumerator = new RecordBatches(two.AsMemory(0, length)).GetEnumerator();
            Assert.That(enumerator.MoveNext());
            Assert.That(enumerator.MoveNext(), Is.False);
            Assert.That(enumerator.BytesLeft, Is.EqualTo(length - one.Length));
        }
    }

    [Test]
    public void A_batch_without_records_moves_on_by_its_last_offset([Values(0, 1, 4)] short codec)
    {
        byte[] batch = Batch()[..61];
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), 49);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(21), codec);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(LastOffsetDelta), 9);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(RecordCount), 0);
        RecordBatchStamp.SetProducer(batch, BatchProducer.None);

        RecordBatch read = Single(batch);

        Assert.That((read.LastOffset, read.NextOffset, read.RecordCount), Is.EqualTo((9L, 10L, 0)));
        Assert.That(RecordText.Lines(read), Is.Empty);
    }

    [Test]
    public void A_compacted_batch_ends_where_it_once_ended()
    {
        byte[] batch = Batch();
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(LastOffsetDelta), 500);
        RecordBatchStamp.SetProducer(batch, BatchProducer.None);

        Assert.That(Single(batch).NextOffset, Is.EqualTo(501));
        Assert.That(RecordText.Lines(Single(batch)), Has.Count.EqualTo(2));
    }

    [TestCase(RecordCount, 1, "follow its last record")]
    [TestCase(RecordCount, 3, "more records are claimed")]
    [TestCase(RecordCount, int.MaxValue, "claims 2147483647 records")]
    [TestCase(RecordCount, -1, "claims -1 records")]
    [TestCase(LastOffsetDelta, 0, "offset delta 1")]
    [TestCase(LastOffsetDelta, -5, "-5 after its first")]
    [TestCase(8, 48, "too few for magic 2")]
    [TestCase(8, 3, "length of 3")]
    [TestCase(8, -100, "length of -100")]
    public void A_header_that_lies_is_corrupt(int field, int value, string reason)
    {
        byte[] batch = Batch();
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(field), value);
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), Crc32C.Compute(batch.AsSpan(21)));

        Assert.That(
            () => RecordText.Lines(Single(batch)),
            Throws.TypeOf<CorruptRecordBatchException>().With.Message.Contains(reason).And.Message.Contains("base offset 0 at byte 0"));
    }

    [TestCase("0c00000002", "the length is one too small")]
    [TestCase("0f", "the length is negative")]
    [TestCase("0e000000036b027600", "a key length of -2")]
    [TestCase("0e00000000ce0001010101", "a value length beyond the end")]
    [TestCase("0e000000026b027602", "a header without bytes")]
    [TestCase("0e000000026b027601", "a header count of -1")]
    [TestCase("12000000026b027602010000", "a header with a null key")]
    [TestCase("10000000026b02760000", "a byte too many")]
    [TestCase("0e0000ffffffffff01026b0276", "an offset delta of too many bits")]
    public void A_record_that_lies_is_corrupt(string record, string why)
    {
        byte[] bytes = [.. Batch()[..61], .. Convert.FromHexString(record)];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), bytes.Length - 12);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(RecordCount), 1);
        RecordBatchStamp.SetProducer(bytes, BatchProducer.None);

        Assert.That(() => RecordText.Lines(Single(bytes)), Throws.TypeOf<CorruptRecordBatchException>(), why);
    }

    [Test]
    public void A_wrong_CRC_is_noticed_unless_it_is_not_asked_for()
    {
        byte[] batch = Batch();
        batch[^1] ^= 0x10;
        batch[30] ^= 1;

        Assert.That(() => Single(batch).OpenRecords(), Throws.TypeOf<CorruptRecordBatchException>().With.Message.Contains("CRC"));
        Assert.That(() => Single(Batch(30)).OpenRecords(new RecordReadOptions { CheckCrc = false }), Throws.Nothing);
    }

    [Test]
    public void An_unknown_magic_is_corrupt()
    {
        byte[] batch = Batch();
        batch[16] = 3;

        Assert.That(() => Single(batch), Throws.TypeOf<CorruptRecordBatchException>().With.Message.Contains("magic is 3"));
    }

    [TestCase(5, "5")]
    [TestCase(7, "7")]
    public void A_codec_that_is_not_registered_is_named_with_what_to_do(short codec, string name)
    {
        byte[] batch = Batch();
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(21), codec);
        RecordBatchStamp.SetProducer(batch, BatchProducer.None);
        var options = new RecordReadOptions { Codecs = CompressionCodecs.Default };
        Assert.That(options.Codecs.TryGet((CompressionType)codec, out _), Is.False);

        Assert.That(
            () => Single(batch).OpenRecords(options),
            Throws.TypeOf<UnsupportedCompressionException>().With.Message.Contains(name).And.Message.Contains("CompressionCodecs.Default.With("));
    }

    [Test]
    public void More_than_the_limit_is_not_decompressed()
    {
        var writer = new RecordBatchWriter(new byte[4_000_000]);
        writer.TryAppend(1, RecordBytes.Null, new byte[3_900_000]);
        var gzip = new BatchCompression(CompressionType.Gzip, CompressionCodecs.Default.Get(CompressionType.Gzip), 9);
        RecordBatch batch = Single(writer.Close(RecordBatchFlags.None, BatchProducer.None, gzip).ToArray());

        Assert.That(batch.Bytes.Length, Is.LessThan(10_000));
        Assert.That(
            () => batch.OpenRecords(new RecordReadOptions { MaxDecompressedSize = 1_000_000 }),
            Throws.TypeOf<CorruptRecordBatchException>().With.Message.Contains("1,000,000"));
    }

    [Test]
    public void Disposed_records_cannot_be_enumerated_and_may_be_disposed_again()
    {
        BatchRecords records = Single(Batch()).OpenRecords();
        records.Dispose();
        records.Dispose();

        Assert.That(() => records.GetEnumerator(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_header_name_that_is_not_UTF8_does_not_stop_reading()
    {
        var writer = new RecordBatchWriter(new byte[200]);
        writer.TryAppend(1, "a"u8, "b"u8, [new RecordHeader(new byte[] { 0xff, 0x61 }.AsMemory(), null)]);

        using BatchRecords records = Single(writer.Close(RecordBatchFlags.None, BatchProducer.None).ToArray()).OpenRecords();
        RecordEnumerator enumerator = records.GetEnumerator();

        Assert.That(enumerator.MoveNext());
        Assert.That(enumerator.Current.Headers.Single().Key, Is.EqualTo("\ufffda"));
    }

    [Test]
    public void A_control_record_needs_its_key_and_not_its_value()
    {
        Assert.That(() => ReadControl("abc"u8, "value."u8), Throws.TypeOf<ProtocolException>());
        Assert.That(ReadControl("\0\0\0\u0001"u8, "short"u8), Is.EqualTo(new ControlRecord(ControlRecordType.Commit, -1)));
        Assert.That(ReadControl("\0\0\0\0"u8, RecordBytes.Null), Is.EqualTo(new ControlRecord(ControlRecordType.Abort, -1)));
        Assert.That(ReadControl("\0\0\0\u0063"u8, RecordBytes.Null), Is.EqualTo(new ControlRecord((ControlRecordType)99, -1)));
    }

    private static ControlRecord ReadControl(RecordBytes key, RecordBytes value)
    {
        var writer = new RecordBatchWriter(new byte[200]);
        writer.TryAppend(1, key, value);
        using BatchRecords records = Single(writer.Close(RecordBatchFlags.Control, BatchProducer.None).ToArray()).OpenRecords();
        RecordEnumerator enumerator = records.GetEnumerator();
        Assert.That(enumerator.MoveNext());
        return ControlRecord.Read(enumerator.Current);
    }

    private static RecordBatch Single(byte[] field) => new RecordBatches(field).Single();

    private static byte[] Batch(int flipped = -1)
    {
        var writer = new RecordBatchWriter(new byte[200]);
        writer.TryAppend(1, "k"u8, "v"u8);
        writer.TryAppend(2, RecordBytes.Null, "value"u8, [new RecordHeader("h", "x"u8.ToArray())]);
        byte[] batch = writer.Close(RecordBatchFlags.None, BatchProducer.None).ToArray();
        if (flipped >= 0)
        {
            batch[flipped] ^= 1;
        }

        return batch;
    }
}
