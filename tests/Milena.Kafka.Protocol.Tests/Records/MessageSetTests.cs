using System.Buffers;
using Milena.Kafka.Compression;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

public class MessageSetTests
{
    [Test]
    public void Relative_offsets_of_magic_1_end_at_the_offset_of_the_wrapper()
    {
        byte[] wrapper = MessageSetBuilder.Wrapper(
            1,
            100,
            50,
            MessageSetBuilder.Message(1, 0, 10, "a"u8, "b"u8),
            MessageSetBuilder.Message(1, 3, 20, RecordBytes.Null, ""u8),
            MessageSetBuilder.Message(1, 4, 30, ""u8, RecordBytes.Null));

        RecordBatch batch = Single(wrapper);

        Assert.That((batch.LastOffset, batch.NextOffset, batch.RecordCount), Is.EqualTo((100L, 101L, -1)));
        Assert.That(RecordText.Lines(batch), Is.EqualTo(new[] { "96\t10\t61\t62\t", "99\t20\tnull\t\t", "100\t30\t\tnull\t" }));
    }

    [Test]
    public void Offsets_within_a_wrapper_of_magic_0_are_absolute()
    {
        byte[] wrapper = MessageSetBuilder.Wrapper(
            0,
            12,
            0,
            MessageSetBuilder.Message(0, 7, 0, "a"u8, "b"u8),
            MessageSetBuilder.Message(0, 12, 0, "c"u8, "d"u8));

        Assert.That(RecordText.Lines(Single(wrapper)), Is.EqualTo(new[] { "7\t-1\t61\t62\t", "12\t-1\t63\t64\t" }));
    }

    [Test]
    public void The_log_append_time_of_a_wrapper_is_that_of_all_its_messages()
    {
        byte[] wrapper = MessageSetBuilder.Wrapper(
            1,
            1,
            5000,
            0x08 | 1,
            [MessageSetBuilder.Message(1, 0, 10, "a"u8, "b"u8), MessageSetBuilder.Message(1, 1, 20, "c"u8, "d"u8)]);

        RecordBatch batch = Single(wrapper);

        Assert.That(batch.TimestampType, Is.EqualTo(TimestampType.LogAppendTime));
        Assert.That(RecordText.Lines(batch), Is.EqualTo(new[] { "0\t5000\t61\t62\t", "1\t5000\t63\t64\t" }));
    }

    [Test]
    public void LZ4_of_old_messages_is_read_with_the_old_checksum_and_with_the_right_one([Values(0, 1)] byte magic, [Values] bool isOld)
    {
        var codec = new Lz4Codec(new Lz4FrameOptions { HeaderChecksumCoversMagic = isOld });
        byte[][] inner = [MessageSetBuilder.Message(magic, 0, 10, "a"u8, "b"u8), MessageSetBuilder.Message(magic, 1, 20, "c"u8, "d"u8)];

        RecordBatch batch = Single(MessageSetBuilder.Wrapper(magic, 1, 5, (byte)CompressionType.Lz4, inner, codec));

        string time = magic == 0 ? "-1" : "10";
        Assert.That(RecordText.Lines(batch), Has.Count.EqualTo(2).And.ItemAt(0).EqualTo($"0\t{time}\t61\t62\t"));
    }

    [Test]
    public void LZ4_of_a_current_batch_with_the_old_checksum_is_corrupt()
    {
        var codec = new Lz4Codec(new Lz4FrameOptions { HeaderChecksumCoversMagic = true });
        var writer = new RecordBatchWriter(new byte[1000]);
        writer.TryAppend(7, RecordBytes.Null, new byte[500]);
        RecordBatch batch = Single(writer.Close(RecordBatchFlags.None, BatchProducer.None, new BatchCompression(CompressionType.Lz4, codec)).ToArray());

        Assert.That(() => batch.OpenRecords(), Throws.TypeOf<CorruptRecordBatchException>().With.Message.Contains("checksum of the head"));
    }

    [Test]
    public void Batches_of_all_magics_stand_in_one_field()
    {
        var writer = new RecordBatchWriter(new byte[200]);
        writer.TryAppend(7, "e"u8, "f"u8);
        byte[] current = writer.Close(RecordBatchFlags.None, BatchProducer.None).ToArray();
        RecordBatchStamp.SetOffset(current, 2, 5);
        byte[] field =
        [
            .. MessageSetBuilder.Message(0, 0, 0, "a"u8, "b"u8),
            .. MessageSetBuilder.Message(1, 1, 3, "c"u8, "d"u8),
            .. current,
        ];

        List<string> lines = [.. new RecordBatches(field).SelectMany(static batch => RecordText.Lines(batch))];

        Assert.That(lines, Is.EqualTo(new[] { "0\t-1\t61\t62\t", "1\t3\t63\t64\t", "2\t7\t65\t66\t" }));
    }

    [Test]
    public void Attribute_bits_that_an_old_magic_does_not_have_mean_nothing([Values(0, 1)] byte magic)
    {
        RecordBatch batch = Single(MessageSetBuilder.Message(magic, 0, 1, "a"u8, "b"u8, attributes: 0xf8));

        Assert.That((batch.IsControl, batch.IsTransactional, batch.DeleteHorizon), Is.EqualTo((false, false, default(long?))));
        Assert.That(batch.TimestampType, Is.EqualTo(magic == 0 ? TimestampType.CreateTime : TimestampType.LogAppendTime));
    }

    [Test]
    public void Records_are_written_for_clients_that_know_old_magics_only([Values(0, 1)] byte magic)
    {
        var writer = new RecordBatchWriter(new byte[200]);
        writer.TryAppend(1700000000000, "k"u8, "v"u8, [new RecordHeader("lost", null)]);
        writer.TryAppend(1700000000001, RecordBytes.Null, ""u8);
        byte[] stored = writer.Close(RecordBatchFlags.None, BatchProducer.None).ToArray();
        RecordBatchStamp.SetOffset(stored, 40, 0);
        var set = new ArrayBufferWriter<byte>();

        using BatchRecords records = Single(stored).OpenRecords();
        foreach (ref readonly Record record in records)
        {
            MessageSetWriter.Write(set, magic, TimestampType.CreateTime, record);
        }

        byte[] expected =
        [
            .. MessageSetBuilder.Message(magic, 40, 1700000000000, "k"u8, "v"u8),
            .. MessageSetBuilder.Message(magic, 41, 1700000000001, RecordBytes.Null, ""u8),
        ];
        Assert.That(set.WrittenSpan.ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public void A_wrapper_that_does_not_hold_a_plain_set_of_its_own_magic_is_corrupt()
    {
        byte[] plain = MessageSetBuilder.Message(1, 0, 1, "a"u8, "b"u8);
        byte[] badCrc = [.. plain];
        badCrc[^1] ^= 1;
        byte[] trailing = MessageSetBuilder.Message(1, 0, 1, "a"u8, "b"u8);
        trailing[29] = 0;

        Assert.Multiple(() =>
        {
            AssertCorrupt(MessageSetBuilder.Wrapper(1, 0, 1));
            AssertCorrupt(MessageSetBuilder.Wrapper(0, 0, 1, plain));
            AssertCorrupt(MessageSetBuilder.Wrapper(1, 0, 1, MessageSetBuilder.Wrapper(1, 0, 1, plain)));
            AssertCorrupt(MessageSetBuilder.Wrapper(1, 0, 1, plain[..^1]));
            AssertCorrupt(MessageSetBuilder.Wrapper(1, 0, 1, badCrc));
            AssertCorrupt(MessageSetBuilder.Wrapper(1, 0, 1, trailing));
            AssertCorrupt(MessageSetBuilder.Message(1, 0, 1, "a"u8, RecordBytes.Null, attributes: 1));
        });
    }

    private static RecordBatch Single(byte[] field) => new RecordBatches(field).Single();

    private static void AssertCorrupt(byte[] field) =>
        Assert.That(() => RecordText.Lines(Single(field)), Throws.TypeOf<CorruptRecordBatchException>());
}
