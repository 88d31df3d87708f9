using System.Text;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

public class RecordBatchFilterTests
{
    private static readonly BatchProducer Producer = new(77, 3, 40);

    [Test]
    public void What_is_kept_is_as_it_was_and_the_batch_covers_the_same_offsets([Values] CompressionType compression, [Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        RecordBatch batch = Write(random, compression, count: random.Next(1, 50));
        HashSet<long> kept = [.. Enumerable.Range(0, batch.RecordCount).Where(_ => random.Next(3) > 0).Select(i => batch.BaseOffset + i)];

        RecordBatch filtered = Open(RecordBatchFilter.Keep(batch, (in record) => kept.Contains(record.Offset), null, CompressionCodecs.Default));

        Assert.That(filtered.HasValidCrc());
        Assert.That(Read(filtered), Is.EqualTo(Read(batch).Where(record => kept.Contains(record.Offset))));
        Assert.That((filtered.BaseOffset, filtered.LastOffset, filtered.LeaderEpoch), Is.EqualTo((batch.BaseOffset, batch.LastOffset, batch.LeaderEpoch)));
        Assert.That((filtered.Producer, filtered.LastSequence, filtered.Flags), Is.EqualTo((Producer, batch.LastSequence, batch.Flags)));
        Assert.That(filtered.RecordCount, Is.EqualTo(kept.Count));
        Assert.That(filtered.MaxTimestamp, Is.EqualTo(kept.Count == 0 ? batch.MaxTimestamp : Read(filtered).Max(record => record.Timestamp)));
        Assert.That(filtered.Compression, Is.EqualTo(kept.Count == 0 ? CompressionType.None : batch.Compression));
    }

    [Test]
    public void A_delete_horizon_changes_no_timestamp_and_stays([Values(CompressionType.None, CompressionType.Zstd)] CompressionType compression)
    {
        RecordBatch batch = Write(new Random(1), compression, count: 10);

        RecordBatch marked = Open(RecordBatchFilter.Keep(batch, (in _) => true, 1_900_000_000_000, CompressionCodecs.Default));
        RecordBatch again = Open(RecordBatchFilter.Keep(marked, (in record) => record.Offset % 2 == 0, null, CompressionCodecs.Default));

        Assert.That((batch.DeleteHorizon, marked.DeleteHorizon, again.DeleteHorizon), Is.EqualTo(((long?)null, 1_900_000_000_000, 1_900_000_000_000)));
        Assert.That(Read(marked), Is.EqualTo(Read(batch)));
        Assert.That(Read(again), Is.EqualTo(Read(batch).Where(record => record.Offset % 2 == 0)));
        Assert.That(marked.MaxTimestamp, Is.EqualTo(batch.MaxTimestamp));
    }

    [Test]
    public void With_log_append_time_the_batch_keeps_its_time()
    {
        byte[] bytes = Write(new Random(2), CompressionType.None, count: 5).Bytes.ToArray();
        RecordBatchStamp.SetLogAppendTime(bytes, 5_000_000_000_000);

        RecordBatch filtered = Open(RecordBatchFilter.Keep(Open(bytes), (in record) => record.Offset % 2 == 0, null, CompressionCodecs.Default));

        Assert.That((filtered.TimestampType, filtered.MaxTimestamp), Is.EqualTo((TimestampType.LogAppendTime, 5_000_000_000_000)));
        Assert.That(Read(filtered).Select(record => record.Timestamp), Is.All.EqualTo(5_000_000_000_000));
    }

    [Test]
    public void Old_message_sets_are_refused()
    {
        RecordBatch old = new RecordBatches(Convert.FromHexString("0000000000000000000000101fecd70a0000000000016b0000000176")).Single();

        Assert.That(() => RecordBatchFilter.Keep(old, (in _) => true, null, CompressionCodecs.Default), Throws.ArgumentException);
    }

    private static RecordBatch Write(Random random, CompressionType compression, int count)
    {
        var writer = new RecordBatchWriter(new byte[100_000]);
        for (int i = 0; i < count; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes($"{random.Next(1000)}");
            writer.TryAppend(1_700_000_000_000 + random.Next(-1000, 1000), random.Next(5) == 0 ? RecordBytes.Null : text, random.Next(5) == 0 ? RecordBytes.Null : new byte[random.Next(100)], [new RecordHeader("h", text)]);
        }

        byte[] batch = writer.Close(
            RecordBatchFlags.Transactional,
            Producer,
            compression == CompressionType.None ? null : new BatchCompression(compression, CompressionCodecs.Default.Get(compression))).ToArray();
        RecordBatchStamp.SetOffset(batch, 1000, 5);
        return Open(batch);
    }

    private static List<(long Offset, long Timestamp, string? Key, string? Value, string Headers)> Read(RecordBatch batch)
    {
        var read = new List<(long, long, string?, string?, string)>();
        using BatchRecords records = batch.OpenRecords();
        foreach (ref readonly Record record in records)
        {
            string headers = "";
            foreach (RecordHeader header in record.Headers)
            {
                headers += $"{header.Key}={Convert.ToHexString(header.Value.Span)};";
            }

            read.Add((record.Offset, record.Timestamp, record.IsKeyNull ? null : Convert.ToHexString(record.KeySpan), record.IsValueNull ? null : Convert.ToHexString(record.ValueSpan), headers));
        }

        return read;
    }

    private static RecordBatch Open(ReadOnlyMemory<byte> bytes) => new RecordBatches(bytes).Single();
}
