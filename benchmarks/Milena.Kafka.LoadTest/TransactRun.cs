using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest;

/// <summary>
/// Produces in transactions of so many records, each with offsets of a group, and the same records outside of transactions in the same rhythm: flushed, and flushed and
/// then an offset committed, as a loop does that is not transactional.
/// </summary>
internal sealed class TransactRun : IAsyncDisposable
{
    private static readonly ConsumerGroupMetadata Group = new("load-transact");

    private readonly LatencyRecorder _commits = new();
    private readonly LoadSettings _settings;
    private readonly int _perTransaction;
    private readonly byte[] _value;
    private readonly Producer<Ignore, ReadOnlyMemory<byte>> _plain;
    private readonly Producer<Ignore, ReadOnlyMemory<byte>> _transactional;
    private readonly Consumer<Ignore, Ignore> _consumer;

    private TransactRun(LoadSettings settings, int perTransaction, KafkaClient kafka)
    {
        _settings = settings;
        _perTransaction = perTransaction;
        _value = Encoding.ASCII.GetBytes(new Random(1).GetItems<char>("abcdefghijklmnopqrstuvwxyz0123456789      ", settings.Size));
        _plain = kafka.CreateProducer<Ignore, ReadOnlyMemory<byte>>();
        _transactional = kafka.CreateProducer<Ignore, ReadOnlyMemory<byte>>(new ProducerOptions { TransactionalId = $"load-{Environment.ProcessId}" });
        _consumer = kafka.CreateConsumer<Ignore, Ignore>(new ConsumerOptions { GroupId = "load-commit", AutoCommit = AutoCommitMode.Manual });
    }

    private PartitionOffset Position(long i) => new(new TopicPartition(_settings.Topic, 0), i);

    /// <summary>Runs against the cluster of the settings.</summary>
    /// <returns>The report.</returns>
    public static async Task<string> RunAsync(LoadSettings settings, long transactions, int perTransaction)
    {
        await using LoadCluster cluster = await LoadCluster.OpenAsync(settings, filled: 0);
        await using var kafka = new KafkaClient(cluster.Target.Options());
        await using var run = new TransactRun(settings, perTransaction, kafka);
        return await run.MeasureAsync(transactions);
    }

    public async ValueTask DisposeAsync()
    {
        await _consumer.DisposeAsync();
        await _transactional.DisposeAsync();
        await _plain.DisposeAsync();
    }

    private async Task<string> MeasureAsync(long transactions)
    {
        var flush = new Rhythm(FlushAsync);
        var commit = new Rhythm(FlushAndCommitAsync);
        var transact = new Rhythm(TransactAsync);
        Rhythm[] rhythms = [flush, commit, transact];
        await WarmUp.RunAsync(_settings.Warmup, async records =>
        {
            foreach (Rhythm rhythm in rhythms)
            {
                await rhythm.RunAsync(Math.Max(1, records / _perTransaction / rhythms.Length));
            }
        });
        _commits.Clear();
        for (int round = 0; round < _settings.Rounds; round++)
        {
            foreach (Rhythm rhythm in rhythms)
            {
                await rhythm.MeasureAsync(transactions, _perTransaction);
            }
        }

        return new JsonObject
        {
            ["verb"] = "transact",
            ["rounds"] = _settings.Rounds,
            ["transactions"] = transactions,
            ["recordsPerTransaction"] = _perTransaction,
            ["size"] = _settings.Size,
            ["partitions"] = _settings.Partitions,
            ["generation"] = _settings.Generation,
            ["transactionsPerSecond"] = Math.Round(transactions / transact.Seconds),
            ["commitMs"] = new JsonObject
            {
                ["p50"] = Math.Round(_commits.Milliseconds(0.5), 3),
                ["p95"] = Math.Round(_commits.Milliseconds(0.95), 3),
                ["p99"] = Math.Round(_commits.Milliseconds(0.99), 3),
                ["max"] = Math.Round(_commits.MaxMilliseconds, 3),
            },
            ["transaction"] = Describe(transact),
            ["flush"] = Describe(flush),
            ["flushAndCommit"] = Describe(commit),
            ["cpuTimesFlush"] = Math.Round(transact.Times(flush), 2),
            ["cpuTimesFlushAndCommit"] = Math.Round(transact.Times(commit), 2),
        }.ToJsonString(JsonSerializerOptions.Default);
    }

    private static JsonObject Describe(Rhythm rhythm) => new()
    {
        ["cpuNsPerRecord"] = Math.Round(Rhythm.Median(rhythm.Nanoseconds), 1),
        ["cpuNsPerRecordBest"] = Math.Round(rhythm.Nanoseconds.Min(), 1),
        ["bytesAllocatedPerRecord"] = Math.Round(rhythm.Bytes, 1),
        ["threadHops"] = Math.Round(rhythm.Hops, 1),
    };

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

            transaction.AddOffsets(Group, Position(i));
            long start = Stopwatch.GetTimestamp();
            await transaction.CommitAsync();
            _commits.RecordSince(start);
        }
    }

    private async Task FlushAsync(long groups)
    {
        for (long i = 0; i < groups; i++)
        {
            await ProduceAsync();
        }
    }

    private async Task FlushAndCommitAsync(long groups)
    {
        for (long i = 1; i <= groups; i++)
        {
            await ProduceAsync();
            await _consumer.CommitAsync([Position(i)]);
        }
    }

    private async Task ProduceAsync()
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
