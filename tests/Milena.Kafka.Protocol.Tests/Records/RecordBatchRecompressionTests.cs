using System.Text;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

public class RecordBatchRecompressionTests
{
    [Test]
    public void All_but_size_codec_and_checksum_stays([Values] CompressionType from, [Values] CompressionType to)
    {
        RecordBatch batch = Write(from);

        RecordBatch changed = new RecordBatches(RecordBatchRecompression.Recompress(batch, Compression(to))).Single();

        Assert.That(changed.HasValidCrc());
        Assert.That(changed.Compression, Is.EqualTo(to));
        Assert.That(
            (changed.BaseOffset, changed.LastOffset, changed.LeaderEpoch, changed.Producer, changed.Flags, changed.BaseTimestamp, changed.MaxTimestamp, changed.RecordCount),
            Is.EqualTo((batch.BaseOffset, batch.LastOffset, batch.LeaderEpoch, batch.Producer, batch.Flags, batch.BaseTimestamp, batch.MaxTimestamp, batch.RecordCount)));
        Assert.That(RecordBatchRecompression.Recompress(changed, null), Is.EqualTo(RecordBatchRecompression.Recompress(batch, null)), "keys, values, headers and times, to the byte");
    }

    [Test]
    public void Old_message_sets_are_refused()
    {
        RecordBatch old = new RecordBatches(Convert.FromHexString("0000000000000000000000101fecd70a0000000000016b0000000176")).Single();

        Assert.That(() => RecordBatchRecompression.Recompress(old, null), Throws.ArgumentException);
    }

    private static BatchCompression? Compression(CompressionType type) => type == CompressionType.None ? null : new BatchCompression(type, CompressionCodecs.Default.Get(type));

    private static RecordBatch Write(CompressionType compression)
    {
        var writer = new RecordBatchWriter(new byte[100_000]);
        for (int i = 0; i < 100; i++)
        {
            RecordBytes value = i % 7 == 0 ? RecordBytes.Null : Encoding.UTF8.GetBytes($"value number {i}");
            Assert.That(writer.TryAppend(1_700_000_000_000 + i, Encoding.UTF8.GetBytes($"key{i}"), value, [new RecordHeader("name", new byte[] { 1, 2 })]));
        }

        byte[] bytes = writer.Close(RecordBatchFlags.Transactional, new BatchProducer(77, 3, 40), Compression(compression)).ToArray();
        RecordBatchStamp.SetOffset(bytes, 1_000, 6);
        return new RecordBatches(bytes).Single();
    }
}
