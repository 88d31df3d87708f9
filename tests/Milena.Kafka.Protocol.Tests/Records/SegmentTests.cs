using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

/// <summary>Log segments of a real broker against what Kafka's own classes read from them.</summary>
public class SegmentTests
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Vectors", "segments");

    private static IEnumerable<string> Segments => Directory.GetFiles(Folder, "*.log").Select(static file => Path.GetFileName(file)).Order();

    private static IEnumerable<string> Topics => Segments.Select(static file => file[..file.IndexOf('.', StringComparison.Ordinal)]).Distinct();

    [TestCaseSource(nameof(Segments))]
    public void Every_batch_header_reads_as_Kafka_reads_it(string segment)
    {
        List<string> expected = [.. Rows("batches.tsv").Where(row => row.StartsWith(segment + "\t", StringComparison.Ordinal)).Select(static row => row[..row.LastIndexOf('\t')])];

        List<string> read = [.. Read(segment).Select(batch => HeaderRow(segment, batch))];

        Assert.That(read, Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(Segments))]
    public void Every_CRC_is_right_and_no_byte_is_left(string segment)
    {
        RecordBatches.Enumerator enumerator = new RecordBatches(File.ReadAllBytes(Path.Combine(Folder, segment))).GetEnumerator();
        while (enumerator.MoveNext())
        {
            Assert.That(enumerator.Current.HasValidCrc());
        }

        Assert.That(enumerator.BytesLeft, Is.Zero);
    }

    [TestCaseSource(nameof(Topics))]
    public void Every_record_reads_as_the_Java_consumer_read_it(string topic)
    {
        string expected = topic == "seg-txn" ? "seg-txn.uncommitted.tsv" : topic + ".tsv";

        AssertRecords(Batches(topic), expected);
    }

    [Test]
    public void Records_of_aborted_transactions_are_those_that_the_Java_consumer_left_out()
    {
        List<RecordBatch> batches = Batches("seg-txn");
        var aborted = new HashSet<long>();

        // From the end: a batch is aborted if the next marker of its producer says so. An unfinished transaction is not committed either.
        var ends = new Dictionary<long, ControlRecordType>();
        foreach (RecordBatch batch in batches.AsEnumerable().Reverse())
        {
            if (batch.IsControl)
            {
                ends[batch.Producer.Id] = MarkerOf(batch);
            }
            else if (batch.IsTransactional && ends.GetValueOrDefault(batch.Producer.Id, ControlRecordType.Abort) == ControlRecordType.Abort)
            {
                aborted.Add(batch.BaseOffset);
            }
        }

        Assert.That(aborted, Is.Not.Empty);
        AssertRecords(batches.Where(batch => !aborted.Contains(batch.BaseOffset)), "seg-txn.committed.tsv");
    }

    [Test]
    public void Control_records_read_as_Kafka_reads_them()
    {
        List<string> expected = [.. Rows("batches.tsv").Where(static row => row.StartsWith("seg-txn", StringComparison.Ordinal)).Select(static row => row.Split('\t')[^1])];

        List<string> read = [.. Batches("seg-txn").Select(static batch => batch.IsControl ? MarkerOf(batch).ToString().ToUpperInvariant() : "-")];

        Assert.That(read, Is.EqualTo(expected));
    }

    private static string HeaderRow(string segment, in RecordBatch batch)
    {
        string flags = $"{(batch.IsTransactional ? 't' : '-')}{(batch.IsControl ? 'c' : '-')}{(batch.DeleteHorizon is null ? '-' : 'h')}";
        return string.Join(
            '\t',
            segment,
            batch.Position,
            batch.Bytes.Length,
            batch.BaseOffset,
            batch.LastOffset,
            batch.Magic,
            batch.Crc.ToString("x", null),
            RecordText.Codec(batch.Compression),
            batch.TimestampType,
            batch.MaxTimestamp,
            batch.Producer.Id,
            batch.Producer.Epoch,
            batch.Producer.BaseSequence,
            batch.LeaderEpoch,
            flags,
            batch.RecordCount);
    }

    private static ControlRecordType MarkerOf(in RecordBatch batch)
    {
        using BatchRecords records = batch.OpenRecords();
        RecordEnumerator enumerator = records.GetEnumerator();
        Assert.That(enumerator.MoveNext());
        return ControlRecord.Read(enumerator.Current).Type;
    }

    private static void AssertRecords(IEnumerable<RecordBatch> batches, string expectedFile)
    {
        List<string> expected = Rows(Path.Combine("expected", expectedFile));
        var read = new List<string>();
        var missing = new SortedSet<CompressionType>();
        foreach (RecordBatch batch in batches.Where(static batch => !batch.IsControl))
        {
            if (batch.Compression != CompressionType.None && !CompressionCodecs.Default.TryGet(batch.Compression, out _))
            {
                missing.Add(batch.Compression);
                expected.RemoveAll(row => IsWithin(row, batch));
                continue;
            }

            foreach (string line in RecordText.Lines(batch))
            {
                string[] columns = line.Split('\t');
                read.Add(string.Join('\t', [columns[0], columns[1], batch.TimestampType.ToString(), .. columns[2..]]));
            }
        }

        Assert.That(read, Is.EqualTo(expected));
        Assert.That(missing, Is.Empty, "codecs that are not there");
    }

    private static bool IsWithin(string row, in RecordBatch batch)
    {
        long offset = long.Parse(row[..row.IndexOf('\t', StringComparison.Ordinal)], null);
        return offset >= batch.BaseOffset && offset <= batch.LastOffset;
    }

    private static List<string> Rows(string file) => [.. File.ReadAllLines(Path.Combine(Folder, file)).Skip(1)];

    private static List<RecordBatch> Batches(string topic) =>
    [
        .. Segments.Where(file => file.StartsWith(topic + ".", StringComparison.Ordinal)).OrderBy(static file => long.Parse(file.Split('.')[1], null)).SelectMany(static file => Read(file)),
    ];

    private static RecordBatches Read(string segment) => new(File.ReadAllBytes(Path.Combine(Folder, segment)));
}
