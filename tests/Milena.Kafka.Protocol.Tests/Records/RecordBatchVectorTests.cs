using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

public class RecordBatchVectorTests
{
    private const string TwoRecords =
        "000000000000000000000044ffffffff0213f3c0b70000000000010000018bcfe568000000018bcfe56805ffffffffffffffffffffffffffff0000000210000000026b02760012000a02010002026801";

    private const string CommitMarker =
        "0000000000000009000000420000000002c9e5aa340030000000000000018bcfe568000000018bcfe56800000000000000002a0003ffffffff000000012000000008000000010c00000000000700";

    private const string MessageOfMagic1 = "00000000000000000000001839268c3301000000018bcfe56800000000016b0000000176";
    private const string MessageOfMagic0 = "0000000000000000000000101fecd70a0000000000016b0000000176";

    [Test]
    public void Two_records_are_written_as_the_protocol_has_them()
    {
        var writer = new RecordBatchWriter(new byte[TwoRecords.Length / 2]);

        bool first = writer.TryAppend(1700000000000, "k"u8, "v"u8);
        bool second = writer.TryAppend(1700000000005, RecordBytes.Null, ""u8, [new RecordHeader("h", null)]);
        ReadOnlyMemory<byte> batch = writer.Close(RecordBatchFlags.None, BatchProducer.None);

        Assert.That((first, second), Is.EqualTo((true, true)));
        Assert.That(RecordText.Hex(batch.Span), Is.EqualTo(TwoRecords));
    }

    [Test]
    public void Two_records_are_read()
    {
        RecordBatch batch = Single(TwoRecords);

        Assert.Multiple(() =>
        {
            Assert.That(batch.HasValidCrc());
            Assert.That(batch.Magic, Is.EqualTo(2));
            Assert.That(batch.LeaderEpoch, Is.EqualTo(-1));
            Assert.That((batch.BaseOffset, batch.LastOffset, batch.NextOffset), Is.EqualTo((0L, 1L, 2L)));
            Assert.That((batch.BaseTimestamp, batch.MaxTimestamp), Is.EqualTo((1700000000000, 1700000000005)));
            Assert.That((batch.Producer, batch.LastSequence), Is.EqualTo((BatchProducer.None, -1)));
            Assert.That((batch.RecordCount, batch.Flags), Is.EqualTo((2, RecordBatchFlags.None)));
            Assert.That(RecordText.Lines(batch), Is.EqualTo(new[] { "0\t1700000000000\t6b\t76\t", "1\t1700000000005\tnull\t\t68=null" }));
        });
    }

    [Test]
    public void A_commit_marker_is_written_as_the_protocol_has_it()
    {
        byte[] batch = ControlRecord.CreateMarkerBatch(ControlRecordType.Commit, 42, 3, 7, 1700000000000);
        RecordBatchStamp.SetOffset(batch, 9, 0);

        Assert.That(RecordText.Hex(batch), Is.EqualTo(CommitMarker));
    }

    [Test]
    public void A_commit_marker_is_read()
    {
        RecordBatch batch = Single(CommitMarker);
        using BatchRecords records = batch.OpenRecords();
        RecordEnumerator enumerator = records.GetEnumerator();

        Assert.That(enumerator.MoveNext());
        Assert.That(ControlRecord.Read(enumerator.Current), Is.EqualTo(new ControlRecord(ControlRecordType.Commit, 7)));
        Assert.That((batch.IsControl, batch.IsTransactional), Is.EqualTo((true, true)));
        Assert.That(batch.Producer, Is.EqualTo(new BatchProducer(42, 3, -1)));
        Assert.That(enumerator.MoveNext(), Is.False);
    }

    [TestCase(MessageOfMagic1, 1, 1700000000000)]
    [TestCase(MessageOfMagic0, 0, -1)]
    public void A_message_of_an_old_magic_is_read_and_its_CRC_checked(string hex, int magic, long timestamp)
    {
        RecordBatch batch = Single(hex);

        Assert.That((batch.Magic, batch.RecordCount, batch.MaxTimestamp), Is.EqualTo(((byte)magic, 1, timestamp)));
        Assert.That(batch.HasValidCrc());
        Assert.That(RecordText.Lines(batch), Is.EqualTo(new[] { $"0\t{timestamp}\t6b\t76\t" }));
    }

    [TestCase(MessageOfMagic1)]
    [TestCase(MessageOfMagic0)]
    public void Messages_of_old_magics_are_built_by_the_tests_as_the_protocol_has_them(string hex)
    {
        byte magic = Single(hex).Magic;

        Assert.That(RecordText.Hex(MessageSetBuilder.Message(magic, 0, 1700000000000, "k"u8, "v"u8)), Is.EqualTo(hex));
    }

    [Test]
    public void The_checksums_have_their_check_values()
    {
        Assert.That(Crc32C.Compute("123456789"u8), Is.EqualTo(0xE3069283));
        Assert.That(Crc32.Compute("123456789"u8), Is.EqualTo(0xCBF43926));
    }

    [Test]
    public void CRC_32C_of_any_length_is_that_of_the_bitwise_definition()
    {
        var random = new Random(7);
        var bytes = new byte[10_000];
        random.NextBytes(bytes);
        foreach (int length in Enumerable.Range(0, 200).Concat(Enumerable.Range(0, 8).SelectMany(n => (int[])[(n * 1024) - 1, n * 1024, (n * 1024) + 9])).Where(n => n >= 0).Append(bytes.Length))
        {
            uint expected = uint.MaxValue;
            foreach (byte next in bytes.AsSpan(0, length))
            {
                expected ^= next;
                for (int bit = 0; bit < 8; bit++)
                {
                    expected = (expected & 1) != 0 ? (expected >> 1) ^ 0x82F63B78 : expected >> 1;
                }
            }

            Assert.That(Crc32C.Compute(bytes.AsSpan(0, length)), Is.EqualTo(~expected), $"{length} bytes");
        }
    }

    private static RecordBatch Single(string hex) => new RecordBatches(Convert.FromHexString(hex)).Single();
}
