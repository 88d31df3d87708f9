using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Tests;

/// <summary>Random logs with transactions, cleaned again and again: who reads them to the end must come to the same table of keys and values.</summary>
public class LogCleanerTests
{
    private const long DeleteRetention = 1000;

    [Test]
    public void A_cleaned_log_tells_the_same_values_and_no_offset_changes([Range(1, 200)] int seed)
    {
        var random = new Random(seed);
        (List<ReadOnlyMemory<byte>> log, List<AbortedTransaction> aborted) = WriteLog(random);
        Dictionary<string, string?> table = Fold(ReadCommitted(log, aborted));
        HashSet<(long, string, string?)> all = [.. ReadCommitted(log, aborted)];
        long end = Open(log[^1]).NextOffset;
        long now = 10_000;
        for (int pass = 0; pass < 6; pass++)
        {
            var cleaner = new LogCleaner(CompressionCodecs.Default, aborted, now, DeleteRetention);
            log = [.. cleaner.Clean([.. log.Select(Open)], end)];
            aborted.RemoveAll(transaction => cleaner.RemovedMarkers.Contains(transaction.LastOffset));
            List<(long Offset, string Key, string? Value)> read = ReadCommitted(log, aborted);

            Assert.That(Fold(read), Is.EquivalentTo(table), $"pass {pass}");
            Assert.That(read.All(all.Contains), "what stays is what was written, where it was written");
            Assert.That(read.Select(record => record.Key).Distinct().Count(), Is.EqualTo(read.Count), "one record for each key");
            Assert.That(read.Select(record => record.Offset), Is.Ordered);
            Assert.That(log.Select(Open).All(batch => batch.HasValidCrc()));
            Assert.That(Open(log[^1]).NextOffset, Is.EqualTo(end), "the end of the log can be reached");
            now += DeleteRetention / 2;
        }

        Assert.That(ReadCommitted(log, aborted).Where(record => record.Value is null), Is.Empty, "the time of all tombstones is over");
        Assert.That(log.Select(Open).Count(batch => batch.IsControl && batch.NextOffset != end), Is.LessThanOrEqualTo(log.Select(Open).Count(batch => !batch.IsControl)), "markers mark something");
    }

    private static (List<ReadOnlyMemory<byte>> Log, List<AbortedTransaction> Aborted) WriteLog(Random random)
    {
        var log = new List<ReadOnlyMemory<byte>>();
        var aborted = new List<AbortedTransaction>();
        var open = new Dictionary<long, long>();
        long offset = 0;
        for (int i = random.Next(1, 40); i > 0; i--)
        {
            long producer = random.Next(3);
            if (open.TryGetValue(producer, out long first) && random.Next(2) == 0)
            {
                End(producer, first, random.Next(2) == 0);
                continue;
            }

            bool isTransactional = random.Next(2) == 0 || open.ContainsKey(producer);
            if (isTransactional)
            {
                open.TryAdd(producer, offset);
            }

            var writer = new RecordBatchWriter(new byte[10_000]);
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                byte[] value = Encoding.UTF8.GetBytes($"{i}/{n}");
                writer.TryAppend(random.Next(1000), Encoding.UTF8.GetBytes($"key{random.Next(6)}"), random.Next(4) == 0 ? RecordBytes.Null : value, [new RecordHeader("h", value)]);
            }

            BatchCompression? compression = random.Next(3) == 0 ? new BatchCompression(CompressionType.Gzip, CompressionCodecs.Default.Get(CompressionType.Gzip)) : null;
            Append(writer.Close(isTransactional ? RecordBatchFlags.Transactional : RecordBatchFlags.None, isTransactional ? new BatchProducer(producer, 0, 0) : BatchProducer.None, compression).ToArray());
        }

        foreach ((long producer, long first) in open.ToArray())
        {
            End(producer, first, random.Next(2) == 0);
        }

        if (log.Count == 0)
        {
            return WriteLog(random);
        }

        return (log, aborted);

        void End(long producer, long first, bool isCommit)
        {
            open.Remove(producer);
            if (!isCommit)
            {
                aborted.Add(new AbortedTransaction(producer, first, offset, offset + 1));
            }

            Append(ControlRecord.CreateMarkerBatch(isCommit ? ControlRecordType.Commit : ControlRecordType.Abort, producer, 0, 0, 500));
        }

        void Append(byte[] batch)
        {
            RecordBatchStamp.SetOffset(batch, offset, 0);
            log.Add(batch);
            offset = Open(batch).NextOffset;
        }
    }

    /// <summary>Reads as a consumer does that goes by the list of aborted transactions and their markers.</summary>
    private static List<(long Offset, string Key, string? Value)> ReadCommitted(IEnumerable<ReadOnlyMemory<byte>> log, IEnumerable<AbortedTransaction> aborted)
    {
        var read = new List<(long, string, string?)>();
        var waiting = new Queue<AbortedTransaction>(aborted.OrderBy(transaction => transaction.FirstOffset));
        var inAborted = new HashSet<long>();
        foreach (RecordBatch batch in log.Select(Open))
        {
            while (waiting.Count > 0 && waiting.Peek().FirstOffset <= batch.LastOffset)
            {
                inAborted.Add(waiting.Dequeue().ProducerId);
            }

            using BatchRecords records = batch.OpenRecords();
            foreach (ref readonly Record record in records)
            {
                if (batch.IsControl)
                {
                    if (ControlRecord.Read(record).Type == ControlRecordType.Abort)
                    {
                        inAborted.Remove(batch.Producer.Id);
                    }
                }
                else if (!batch.IsTransactional || !inAborted.Contains(batch.Producer.Id))
                {
                    read.Add((record.Offset, Encoding.UTF8.GetString(record.KeySpan), record.IsValueNull ? null : Encoding.UTF8.GetString(record.ValueSpan)));
                }
            }
        }

        return read;
    }

    private static Dictionary<string, string?> Fold(IEnumerable<(long Offset, string Key, string? Value)> records)
    {
        var table = new Dictionary<string, string?>();
        foreach ((_, string key, string? value) in records)
        {
            if (value is null)
            {
                table.Remove(key);
            }
            else
            {
                table[key] = value;
            }
        }

        return table;
    }

    private static RecordBatch Open(ReadOnlyMemory<byte> bytes) => new RecordBatches(bytes).Single();
}
