using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

public class RecordBatchWriterTests
{
    [Test]
    public void A_record_that_does_not_fit_changes_nothing()
    {
        var writer = new RecordBatchWriter(new byte[300], 200);
        writer.TryAppend(5, "k"u8, new byte[50]);
        int size = writer.Size;

        bool appended = writer.TryAppend(9, "k"u8, new byte[100]);

        Assert.That(appended, Is.False);
        Assert.That((writer.Size, writer.Count, writer.MaxTimestamp), Is.EqualTo((size, 1, 5L)));
    }

    [Test]
    public void A_record_fits_to_the_last_byte_and_not_one_more([Range(0, 200)] int valueLength)
    {
        var roomy = new RecordBatchWriter(new byte[1000]);
        roomy.TryAppend(1, "key"u8, new byte[valueLength], [new RecordHeader("h", new byte[] { 1 })]);
        var exact = new RecordBatchWriter(new byte[1000], roomy.Size);
        var tooSmall = new RecordBatchWriter(new byte[1000], roomy.Size - 1);

        Assert.That(exact.TryAppend(1, "key"u8, new byte[valueLength], [new RecordHeader("h", new byte[] { 1 })]));
        Assert.That(tooSmall.TryAppend(1, "key"u8, new byte[valueLength], [new RecordHeader("h", new byte[] { 1 })]), Is.False);
        Assert.That(roomy.Size - RecordBatchWriter.HeaderSize, Is.LessThanOrEqualTo(RecordBatchWriter.EstimateSize(3, valueLength, [new RecordHeader("h", new byte[] { 1 })])));
    }

    [Test]
    public void Times_may_go_backwards()
    {
        var writer = new RecordBatchWriter(new byte[500]);
        writer.TryAppend(1000, "a"u8, ""u8);
        writer.TryAppend(10, "b"u8, ""u8);
        writer.TryAppend(2000, "c"u8, ""u8);
        writer.TryAppend(long.MinValue, "d"u8, ""u8);

        RecordBatch batch = Read(writer.Close(RecordBatchFlags.None, BatchProducer.None));

        Assert.That((batch.BaseTimestamp, batch.MaxTimestamp), Is.EqualTo((1000L, 2000L)));
        Assert.That(RecordText.Lines(batch).Select(static line => line.Split('\t')[1]), Is.EqualTo(new[] { "1000", "10", "2000", "-9223372036854775808" }));
    }

    [Test]
    public void A_closed_batch_takes_no_record_until_it_is_reset()
    {
        var writer = new RecordBatchWriter(new byte[100]);
        writer.TryAppend(1, "a"u8, "b"u8);
        writer.Close(RecordBatchFlags.None, BatchProducer.None);

        Assert.That(() => writer.TryAppend(1, "a"u8, "b"u8), Throws.InvalidOperationException);
        Assert.That(() => writer.Close(RecordBatchFlags.None, BatchProducer.None), Throws.InvalidOperationException);
        writer.Reset(writer.Buffer, 90);
        Assert.That((writer.Count, writer.Size, writer.Capacity, writer.IsClosed), Is.EqualTo((0, 61, 90, false)));
        Assert.That(() => writer.Close(RecordBatchFlags.None, BatchProducer.None), Throws.InvalidOperationException);
        Assert.That(() => writer.Batch, Throws.InvalidOperationException);
        Assert.That(writer.TryAppend(1, "a"u8, "b"u8));
    }

    [Test]
    public void An_open_batch_moves_to_a_larger_buffer_and_goes_on()
    {
        var stayed = new RecordBatchWriter(new byte[500]);
        var moved = new RecordBatchWriter(new byte[120]);
        foreach (RecordBatchWriter writer in new[] { stayed, moved })
        {
            writer.TryAppend(5, "k"u8, new byte[30]);
        }

        Assert.That(moved.TryAppend(6, "k"u8, new byte[30]), Is.False);
        Assert.That(() => moved.MoveTo(new byte[500], moved.Size - 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        moved.MoveTo(new byte[500], 400);
        foreach (RecordBatchWriter writer in new[] { stayed, moved })
        {
            Assert.That(writer.TryAppend(6, "k"u8, new byte[30]));
            writer.Close(RecordBatchFlags.None, BatchProducer.None);
        }

        Assert.That(moved.Batch.ToArray(), Is.EqualTo(stayed.Batch.ToArray()));
        Assert.That(moved.Capacity, Is.EqualTo(400));
        Assert.That(() => moved.MoveTo(new byte[500], 500), Throws.InvalidOperationException);
    }

    [Test]
    public void The_producer_can_be_set_again_and_again()
    {
        var writer = new RecordBatchWriter(new byte[100]);
        writer.TryAppend(1, "a"u8, "b"u8);
        writer.TryAppend(1, "a"u8, "b"u8);
        writer.Close(RecordBatchFlags.Transactional, BatchProducer.None);
        writer.SetProducer(new BatchProducer(7, 1, 10));
        writer.SetProducer(new BatchProducer(4_000_000_000, 3, int.MaxValue));

        RecordBatch batch = Read(writer.Batch);

        Assert.That(batch.HasValidCrc());
        Assert.That(batch.Producer, Is.EqualTo(new BatchProducer(4_000_000_000, 3, int.MaxValue)));
        Assert.That(batch.LastSequence, Is.Zero);
        Assert.That((batch.IsTransactional, batch.IsControl), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_broker_stamps_offset_epoch_and_append_time()
    {
        var writer = new RecordBatchWriter(new byte[200]);
        writer.TryAppend(1, "a"u8, "b"u8);
        writer.TryAppend(2, "c"u8, "d"u8);
        byte[] stored = writer.Close(RecordBatchFlags.None, BatchProducer.None).ToArray();
        RecordBatchStamp.SetOffset(stored, 4000, 12);
        RecordBatchStamp.SetLogAppendTime(stored, 99);

        RecordBatch batch = Read(stored);

        Assert.That((batch.BaseOffset, batch.LastOffset, batch.LeaderEpoch), Is.EqualTo((4000L, 4001L, 12)));
        Assert.That((batch.TimestampType, batch.MaxTimestamp, batch.BaseTimestamp), Is.EqualTo((TimestampType.LogAppendTime, 99L, 1L)));
        Assert.That(RecordText.Lines(batch), Is.EqualTo(new[] { "4000\t99\t61\t62\t", "4001\t99\t63\t64\t" }));
        Assert.That(() => RecordBatchStamp.SetOffset(stored.AsSpan(1), 1, 1), Throws.ArgumentException);
    }

    [Test]
    public void Gzip_makes_a_batch_smaller_and_its_sequence_can_be_set_after_that()
    {
        var writer = new RecordBatchWriter(new byte[20_000]);
        for (int i = 0; i < 100; i++)
        {
            writer.TryAppend(i, "key"u8, "the same value every time"u8);
        }

        int plain = writer.Size;
        writer.Close(RecordBatchFlags.None, BatchProducer.None, Gzip);
        writer.SetProducer(new BatchProducer(1, 2, 3));

        RecordBatch batch = Read(writer.Batch);

        Assert.That(batch.Bytes.Length, Is.LessThan(plain / 2).And.EqualTo(writer.Size));
        Assert.That((batch.Compression, batch.RecordCount, batch.Producer.BaseSequence), Is.EqualTo((CompressionType.Gzip, 100, 3)));
        Assert.That(RecordText.Lines(batch), Has.Count.EqualTo(100));
    }

    [Test]
    public void Records_that_do_not_become_smaller_stay_as_they_are()
    {
        var writer = new RecordBatchWriter(new byte[100]);
        writer.TryAppend(1, "a"u8, "b"u8);

        RecordBatch batch = Read(writer.Close(RecordBatchFlags.None, BatchProducer.None, Gzip));

        Assert.That(batch.Compression, Is.EqualTo(CompressionType.None));
        Assert.That(RecordText.Lines(batch), Is.EqualTo(new[] { "0\t1\t61\t62\t" }));
    }

    [Test]
    public void A_record_that_was_read_can_be_copied_into_another_batch()
    {
        var source = new RecordBatchWriter(new byte[200]);
        source.TryAppend(1, RecordBytes.Null, ""u8, [new RecordHeader("h", null), new RecordHeader("ключ", "x"u8.ToArray())]);
        source.TryAppend(2, ""u8, RecordBytes.Null);
        RecordBatch read = Read(source.Close(RecordBatchFlags.None, BatchProducer.None));
        var copy = new RecordBatchWriter(new byte[200]);

        using BatchRecords records = read.OpenRecords();
        foreach (ref readonly Record record in records)
        {
            Assert.That(copy.TryAppend(record));
        }

        Assert.That(copy.Close(RecordBatchFlags.None, BatchProducer.None).ToArray(), Is.EqualTo(read.Bytes.ToArray()));
    }

    [Test]
    public void Appending_and_reading_allocate_nothing_per_record()
    {
        var writer = new RecordBatchWriter(new byte[64 * 1024]);
        var value = new byte[100];
        AppendAndRead(writer, value);

        long before = GC.GetAllocatedBytesForCurrentThread();
        AppendAndRead(writer, value);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(allocated, Is.LessThan(500), "some bytes per batch, none per record");
    }

    private static BatchCompression Gzip => new(CompressionType.Gzip, CompressionCodecs.Default.Get(CompressionType.Gzip));

    private static RecordBatch Read(ReadOnlyMemory<byte> batch) => new RecordBatches(batch).Single();

    private static void AppendAndRead(RecordBatchWriter writer, byte[] value)
    {
        writer.Reset(writer.Buffer, writer.Buffer.Length);
        int appended = 0;
        while (writer.TryAppend(1, value, value))
        {
            appended++;
        }

        int read = 0;
        foreach (RecordBatch batch in new RecordBatches(writer.Close(RecordBatchFlags.None, BatchProducer.None)))
        {
            using BatchRecords records = batch.OpenRecords();
            foreach (ref readonly Record record in records)
            {
                read += record.ValueSpan.Length / value.Length;
            }
        }

        Assert.That(read, Is.EqualTo(appended));
    }
}
