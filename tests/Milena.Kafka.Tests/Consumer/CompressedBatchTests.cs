using System.Runtime.InteropServices;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Batches that the codec refuses, with a checksum that nobody looks at: they stop their own partition and are named.</summary>
public class CompressedBatchTests : ConsumerTest
{
    private const int PerBatch = 50;
    private const int AttributesAt = 22;
    private const int RecordsAt = 61;

    [Test]
    public async Task A_batch_that_cannot_be_decompressed_stops_its_partition_only_and_is_named(
        [Values(CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd)] CompressionType compression,
        CancellationToken cancellationToken)
    {
        await StartWithThreeBatchesEachAsync(compression);
        Stored(0, batch: 1).Slice(RecordsAt, 8).Span.Fill(0xff);

        CorruptRecordException fault = await ReadBothPartitionsAsync(cancellationToken);

        string codec = CompressionCodecs.Default.Get(compression).Name;
        Assert.That((fault.Partition, fault.Offset, fault.NextOffset), Is.EqualTo((First, (long)PerBatch, 2L * PerBatch)));
        Assert.That(
            fault.Message,
            Does.Contain($"{First}").And.Contain($"from offset {PerBatch} on").And.Contain($"corrupt {codec} stream").And.Contain("at byte"));
    }

    [Test]
    public async Task A_codec_that_nobody_knows_stops_its_partition_only_and_is_named([Values(5, 6, 7)] byte number, CancellationToken cancellationToken)
    {
        await StartWithThreeBatchesEachAsync(CompressionType.Lz4);
        Stored(0, batch: 1).Span[AttributesAt] = number;

        CorruptRecordException fault = await ReadBothPartitionsAsync(cancellationToken);

        Assert.That((fault.Partition, fault.Offset, fault.NextOffset), Is.EqualTo((First, (long)PerBatch, 2L * PerBatch)));
        Assert.That(fault.Message, Does.Contain($"{First}").And.Contain($"from offset {PerBatch} on").And.Contain($"compression {number}"));
    }

    // The stored batch itself, to be damaged.
    private Memory<byte> Stored(int partition, int batch) => MemoryMarshal.AsMemory(Cluster.Batches(Topic, partition)[batch].Bytes);

    private async Task StartWithThreeBatchesEachAsync(CompressionType compression)
    {
        await StartAsync(partitions: 2);
        var how = new BatchCompression(compression, CompressionCodecs.Default.Get(compression));
        for (int batch = 0; batch < 6; batch++)
        {
            string[] values = [.. LongValues(batch / 2 * PerBatch, PerBatch)];
            await StoreAsync(Topic, batch % 2, writer => Array.ForEach(values, value => writer.TryAppend(1, default, Utf8(value))), how);
            Assert.That(Cluster.Batches(Topic, batch % 2)[^1].Compression, Is.EqualTo(compression));
        }
    }

    // A batch is stored as it is where compression gains nothing.
    private static IEnumerable<string> LongValues(int from, int count) => Values(from, count).Select(static value => $"the value of this record is {value}");

    // Reads until both partitions are read but for the batch that is refused; its fault is met once.
    private async Task<CorruptRecordException> ReadBothPartitionsAsync(CancellationToken cancellationToken)
    {
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { CheckCrcs = false });
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);
        List<string>[] seen = [[], []];
        CorruptRecordException? met = null;
        while (met is null || seen[0].Count < 2 * PerBatch || seen[1].Count < 3 * PerBatch)
        {
            try
            {
                await foreach (ConsumeResult<string, string> record in consumer.ConsumeToEndAsync(cancellationToken))
                {
                    seen[record.Partition].Add(record.Value);
                }
            }
            catch (CorruptRecordException fault)
            {
                Assert.That(met, Is.Null, "a second fault");
                met = fault;
                consumer.Seek(fault.Partition, StartPosition.At(fault.NextOffset));
            }
        }

        Assert.That(seen[0], Is.EqualTo(LongValues(0, PerBatch).Concat(LongValues(2 * PerBatch, PerBatch))));
        Assert.That(seen[1], Is.EqualTo(LongValues(0, 3 * PerBatch)));
        return met;
    }
}
