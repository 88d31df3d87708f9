using Milena.Kafka.Compression;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Log segments of a real broker, read as the Java consumer read them.</summary>
public class BatchReaderTests
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Vectors", "segments");

    [TestCase("seg-java-none")]
    [TestCase("seg-java-gzip")]
    [TestCase("seg-kcat-gzip")]
    [TestCase("seg-compact")]
    [TestCase("seg-logappend")]
    public void From_every_offset_the_records_from_there_on_are_read(string topic)
    {
        byte[] records = Segment(topic);
        long[] expected = Offsets($"{topic}.tsv");
        for (long from = 0; from <= expected[^1] + 1; from++)
        {
            (List<long> read, long next) = Read(records, from, null);

            Assert.That(read, Is.EqualTo(expected.Where(o => o >= from)), $"from {from}");
            Assert.That(next, Is.GreaterThan(expected[^1]), "reading goes on behind gaps and control records");
        }
    }

    [Test]
    public void Batches_that_are_cut_off_at_any_byte_end_the_reading_before_them()
    {
        byte[] records = Segment("seg-java-none");
        long[] expected = Offsets("seg-java-none.tsv");
        for (int length = 0; length < records.Length; length += 37)
        {
            (List<long> read, long next) = Read(records.AsMemory(0, length), 0, null);

            Assert.That(read, Is.EqualTo(expected.Where(o => o < next)));
            Assert.That(FetchedEnd.Of(records.AsMemory(0, length), 0).NextOffset, Is.EqualTo(next));
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Committed_reading_leaves_out_what_the_Java_consumer_left_out(int seed)
    {
        // Some batches are of a codec that is not there yet; their heads are enough to tell which are handed out.
        byte[] records = Segment("seg-txn");
        var aborted = new AbortedTransactions(AbortedIn(records).OrderBy(t => (t.FirstOffset * 7919) % (seed + 5)));
        var read = new List<long>();
        foreach (RecordBatch batch in new RecordBatches(records))
        {
            if (batch.IsControl)
            {
                aborted.Pass(batch, MarkerOf(batch));
            }
            else if (!aborted.Covers(batch))
            {
                read.Add(batch.BaseOffset);
            }
        }

        Assert.That(read, Is.EqualTo(Offsets("seg-txn.committed.tsv")));
    }

    [Test]
    public void Uncommitted_reading_skips_control_batches_only()
    {
        var stand = new CodecStandIn();
        (List<long> read, _) = Read(Segment("seg-txn"), 0, null, CompressionCodecs.Default.With(CompressionType.Lz4, stand));

        long[] lz4 = [.. new RecordBatches(Segment("seg-txn")).Where(b => b.Compression == CompressionType.Lz4).Select(b => b.BaseOffset)];
        Assert.That(read, Is.EqualTo(Offsets("seg-txn.uncommitted.tsv").Except(lz4)));
        Assert.That(stand.Calls, Is.EqualTo(lz4.Length));
    }

    [Test]
    public void A_batch_that_cannot_be_read_stops_the_reading_before_it()
    {
        byte[] records = Segment("seg-java-none");
        RecordBatch[] batches = [.. new RecordBatches(records)];
        records[batches[1].Position + 70] ^= 1;
        var reader = new BatchReader(records, 0, null, RecordReadOptions.Default);
        reader.OpenNext()!.Dispose();

        Assert.That(() => reader.OpenNext(), Throws.InstanceOf<CorruptRecordBatchException>());
        Assert.That((reader.NextOffset, reader.OffsetAfterBatch), Is.EqualTo((batches[1].BaseOffset, batches[1].NextOffset)));
    }

    private static (List<long> Offsets, long Next) Read(ReadOnlyMemory<byte> records, long from, AbortedTransactions? aborted, CompressionCodecs? codecs = null)
    {
        var reader = new BatchReader(records, from, aborted, new RecordReadOptions { Codecs = codecs ?? CompressionCodecs.Default });
        var read = new List<long>();
        while (true)
        {
            try
            {
                using BatchRecords? batch = reader.OpenNext();
                if (batch is null)
                {
                    return (read, reader.NextOffset);
                }

                foreach (ref readonly Record record in batch)
                {
                    if (record.Offset >= reader.NextOffset)
                    {
                        read.Add(record.Offset);
                    }
                }
            }
            catch (CorruptRecordBatchException) when (codecs is not null)
            {
                // The codec that stands in fails on purpose; the reader is asked for the next batch.
            }
        }
    }

    private static IEnumerable<FetchResponse.AbortedTransaction> AbortedIn(byte[] records)
    {
        // What the broker's transaction index holds: producer and first offset of each transaction that an abort marker ended.
        var first = new Dictionary<long, long>();
        foreach (RecordBatch batch in new RecordBatches(records))
        {
            long producer = batch.Producer.Id;
            if (!batch.IsControl && batch.IsTransactional)
            {
                first.TryAdd(producer, batch.BaseOffset);
            }
            else if (batch.IsControl && first.Remove(producer, out long offset) && MarkerOf(batch) == ControlRecordType.Abort)
            {
                yield return new() { ProducerId = producer, FirstOffset = offset };
            }
        }
    }

    private static ControlRecordType MarkerOf(in RecordBatch batch)
    {
        using BatchRecords records = batch.OpenRecords();
        RecordEnumerator enumerator = records.GetEnumerator();
        Assert.That(enumerator.MoveNext());
        return ControlRecord.Read(enumerator.Current).Type;
    }

    private static byte[] Segment(string topic) => [.. Directory.GetFiles(Folder, $"{topic}.*.log").OrderBy(f => int.Parse(f.Split('.')[^2], null)).SelectMany(File.ReadAllBytes)];

    private static long[] Offsets(string file) => [.. File.ReadLines(Path.Combine(Folder, "expected", file)).Skip(1).Select(row => long.Parse(row.Split('\t')[0], null))];

    /// <summary>Refuses every stream, to see which batches are opened.</summary>
    private sealed class CodecStandIn : ICompressionCodec
    {
        public int Calls { get; private set; }

        public string Name => "stand-in";

        public void Compress(in System.Buffers.ReadOnlySequence<byte> source, System.Buffers.IBufferWriter<byte> destination, int? level) => throw new NotSupportedException();

        public void Decompress(ReadOnlyMemory<byte> source, System.Buffers.IBufferWriter<byte> destination, int maxSize)
        {
            Calls++;
            throw new InvalidDataException("stand-in");
        }
    }
}
