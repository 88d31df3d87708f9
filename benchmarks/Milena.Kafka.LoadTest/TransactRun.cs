using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest;

/// <summary>Produces in transactions of so many records, each with offsets of a group, and the same records outside of transactions, flushed as often.</summary>
internal sealed class TransactRun
{
    private static readonly ConsumerGroupMetadata Group = new("load-transact");

    private readonly LatencyRecorder _commits = new();
    private readonly LoadSettings _settings;
    private readonly int _perTransaction;
    private readonly byte[] _value;
    private readonly Producer<Ignore, ReadOnlyMemory<byte>> _plain;
    private readonly Producer<Ignore, ReadOnlyMemory<byte>> _transactional;

    private TransactRun(LoadSettings settings, int perTransaction, KafkaClient kafka)
    {
        _settings = settings;
        _perTransaction = perTransaction;
        _value = Encoding.ASCII.GetBytes(new Random(1).GetItems<char>("abcdefghijklmnopqrstuvwxyz0123456789      ", settings.Size));
        _plain = kafka.CreateProducer<Ignore, ReadOnlyMemory<byte>>();
        _transactional = kafka.CreateProducer<Ignore, ReadOnlyMemory<byte>>(new ProducerOptions { TransactionalId = $"load-{Environment.ProcessId}" });
    }

    /// <summary>Runs against the cluster of the settings.</summary>
    /// <returns>The report.</returns>
    public static async Task<string> RunAsync(LoadSettings settings, long transactions, int perTransaction)
    {
        await using LoadCluster cluster = await LoadCluster.OpenAsync(settings, filled: 0);
        await using var kafka = new KafkaClient(cluster.Target.Options());
        var run = new TransactRun(settings, perTransaction, kafka);
        await using (run._plain)
        await using (run._transactional)
        {
            return await run.MeasureAsync(transactions);
        }
    }

    private async Task<string> MeasureAsync(long transactions)
    {
        long warmup = Math.Max(1, _settings.Warmup / _perTransaction);
        await TransactAsync(warmup);
        await ProduceAsync(warmup);
        _commits.Clear();

        Usage first = Usage.Now();
        await ProduceAsync(transactions);
        Usage before = Usage.Now();
        await TransactAsync(transactions);
        Usage after = Usage.Now();

        long records = transactions * _perTransaction;
        double seconds = Stopwatch.GetElapsedTime(before.Timestamp, after.Timestamp).TotalSeconds;
        double inside = (after.Processor - before.Processor).TotalNanoseconds / records;
        double outside = (before.Processor - first.Processor).TotalNanoseconds / records;
        return new JsonObject
        {
            ["verb"] = "transact",
            ["transactions"] = transactions,
            ["recordsPerTransaction"] = _perTransaction,
            ["size"] = _settings.Size,
            ["partitions"] = _settings.Partitions,
            ["seconds"] = Math.Round(seconds, 3),
            ["transactionsPerSecond"] = Math.Round(transactions / seconds),
            ["recordsPerSecond"] = Math.Round(records / seconds),
            ["commitMs"] = new JsonObject
            {
                ["p50"] = Math.Round(_commits.Milliseconds(0.5), 3),
                ["p95"] = Math.Round(_commits.Milliseconds(0.95), 3),
                ["p99"] = Math.Round(_commits.Milliseconds(0.99), 3),
                ["max"] = Math.Round(_commits.MaxMilliseconds, 3),
            },
            ["cpuNsPerRecord"] = Math.Round(inside, 1),
            ["cpuNsPerRecordOutside"] = Math.Round(outside, 1),
            ["cpuRatio"] = Math.Round(inside / outside, 2),
            ["bytesAllocatedPerRecord"] = Math.Round((after.AllocatedBytes - before.AllocatedBytes) / (double)records, 1),
        }.ToJsonString(JsonSerializerOptions.Default);
    }

    private async Task TransactAsync(long transactions)
    {
        for (long i = 1; i <= transactions; i++)
        {
            await using ProducerTransaction<Ignore, ReadOnlyMemory<byte>> transaction = await _transactional.BeginTransactionAsync();
            for (int r = 0; r < _perTransaction; r++)
            {
                ValueTask accepted = transaction.EnqueueAsync(_settings.Topic, default!, _value);
                if (!accepted.IsCompletedSuccessfully)
                {
                    await accepted;
                }
            }

            transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition(_settings.Topic, 0), i));
            long start = Stopwatch.GetTimestamp();
            await transaction.CommitAsync();
            _commits.RecordSince(start);
        }
    }

    private async Task ProduceAsync(long flushes)
    {
        for (long i = 0; i < flushes; i++)
        {
            for (int r = 0; r < _perTransaction; r++)
            {
                ValueTask accepted = _plain.EnqueueAsync(_settings.Topic, default!, _value);
                if (!accepted.IsCompletedSuccessfully)
                {
                    await accepted;
                }
            }

            await _plain.FlushAsync();
        }
    }
}
