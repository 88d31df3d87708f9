using System.Diagnostics;
using System.Runtime;
using System.Text;
using System.Text.Json.Nodes;
using Milena.Kafka.LoadTest.Clients;
using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest;

/// <summary>Produces records as the settings say, and measures the part after the warm-up.</summary>
internal sealed class ProduceRun
{
    private const int RecordsBetweenLooks = 1024;
    private const int MostWarmUpRounds = 10;

    // Twice the time for which the compiler waits before it makes code faster.
    private static readonly TimeSpan WarmUpPause = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan MemoryPeriod = TimeSpan.FromSeconds(10);

    private readonly LatencyRecorder _latency = new();
    private readonly LoadSettings _settings;
    private readonly ILoadProducer _producer;
    private readonly byte[][] _keys;
    private readonly byte[] _value;

    private ProduceRun(LoadSettings settings, ILoadProducer producer)
    {
        _settings = settings;
        _producer = producer;
        _keys = [.. Enumerable.Range(0, settings.Keys).Select(k => Encoding.ASCII.GetBytes($"key-{k:d8}"))];
        _value = Encoding.ASCII.GetBytes(new Random(1).GetItems<char>("abcdefghijklmnopqrstuvwxyz0123456789      ", settings.Size));
    }

    /// <summary>Runs against the cluster of the settings.</summary>
    /// <returns>The report, and whether all was delivered.</returns>
    public static async Task<(JsonObject Report, bool IsGood)> RunAsync(LoadSettings settings)
    {
        await using LoadCluster cluster = await LoadCluster.OpenAsync(settings, filled: 0);
        await using ILoadProducer producer = LoadClients.CreateProducer(settings, cluster.Target);
        return await new ProduceRun(settings, producer).MeasureAsync();
    }

    /// <summary>Produces records without measuring.</summary>
    public static async Task FillAsync(LoadSettings settings, LoadTarget target)
    {
        await using ILoadProducer producer = LoadClients.CreateProducer(settings, target);
        await new ProduceRun(settings, producer).DriveAsync(settings.Records, null);
    }

    private async Task<(JsonObject Report, bool IsGood)> MeasureAsync()
    {
        await WarmUpAsync();

        using MemorySampler? memory = _settings.Duration is null ? null : new MemorySampler(MemoryPeriod);
        _latency.Clear();
        GC.Collect();
        long failedBefore = _producer.Failed;
        Usage before = Usage.Now();
        long records = await DriveAsync(_settings.Duration is null ? _settings.Records : long.MaxValue, _settings.Duration);
        Usage after = Usage.Now();
        long failed = _producer.Failed - failedBefore;
        return (Report.Of("produce", _settings, records, before, after, _latency, failed, memory), failed == 0);
    }

    /// <summary>Goes on until the compiler has nothing left to make faster: what it uses is no part of the steady state.</summary>
    private async Task WarmUpAsync()
    {
        if (_settings.Warmup == 0)
        {
            return;
        }

        await DriveAsync(_settings.Warmup, null);
        for (int i = 0; i < MostWarmUpRounds; i++)
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            await DriveAsync(Math.Max(1, _settings.Warmup / MostWarmUpRounds), null);
            await Task.Delay(WarmUpPause);
            if (JitInfo.GetCompiledMethodCount() == compiled)
            {
                return;
            }
        }
    }

    private async Task<long> DriveAsync(long records, TimeSpan? duration)
    {
        long end = duration is { } time ? Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency) : long.MaxValue;
        long[] counts = await Task.WhenAll(Enumerable.Range(0, _settings.Threads).Select(t =>
        {
            long share = (records / _settings.Threads) + (t < records % _settings.Threads ? 1 : 0);
            return _settings.Rate > 0 ? OnThreadOfItsOwn(() => Pace(share, end)) : Task.Run(() => _settings.Await > 0 ? ProduceGroupsAsync(share, end) : EnqueueAsync(share, end));
        }));
        await _producer.FlushAsync();
        return counts.Sum();
    }

    // The pacer's thread sleeps in the kernel.
    private static Task<long> OnThreadOfItsOwn(Func<long> run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private async Task<long> EnqueueAsync(long records, long end)
    {
        int sampleEvery = _settings.SampleEvery;
        int untilSample = sampleEvery;
        int key = 0;
        long sent = 0;
        while (sent < records && Stopwatch.GetTimestamp() < end)
        {
            long stop = Math.Min(records, sent + RecordsBetweenLooks);
            for (; sent < stop; sent++)
            {
                byte[]? k = _keys.Length == 0 ? null : _keys[key];
                key = key + 1 < _keys.Length ? key + 1 : 0;
                if (--untilSample == 0)
                {
                    untilSample = sampleEvery;
                    await _producer.EnqueueMeasuredAsync(k, _value, Stopwatch.GetTimestamp(), _latency);
                }
                else
                {
                    await _producer.EnqueueAsync(k, _value);
                }
            }
        }

        return sent;
    }

    private async Task<long> ProduceGroupsAsync(long records, long end)
    {
        IGroupCaller caller = _producer.CreateGroupCaller(_latency, _settings.SampleEvery);
        long sent = 0;
        while (sent < records && Stopwatch.GetTimestamp() < end)
        {
            int count = (int)Math.Min(_settings.Await, records - sent);
            await caller.ProduceAsync(_keys, _value, count, null);
            sent += count;
        }

        return sent;
    }

    private long Pace(long records, long end)
    {
        var pacer = new Pacer(_settings.Rate / _settings.Threads);
        IGroupCaller? caller = _settings.Await > 0 ? _producer.CreateGroupCaller(_latency, _settings.SampleEvery) : null;
        int sampleEvery = _settings.SampleEvery;
        long sent = 0;
        while (sent < records && Stopwatch.GetTimestamp() < end)
        {
            pacer.SleepUntilDue(sent);
            long due = Math.Min(pacer.Due, records);
            if (caller is not null && sent < due)
            {
                int count = (int)Math.Min(_settings.Await, records - sent);
                Wait(caller.ProduceAsync(_keys, _value, count, pacer.DueAt(sent)));
                sent += count;
                continue;
            }

            for (; sent < due; sent++)
            {
                byte[]? key = _keys.Length == 0 ? null : _keys[sent % _keys.Length];
                Wait(sent % sampleEvery == 0
                    ? _producer.EnqueueMeasuredAsync(key, _value, pacer.DueAt(sent), _latency)
                    : _producer.EnqueueAsync(key, _value));
            }
        }

        return sent;
    }

    private static void Wait(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            task.AsTask().GetAwaiter().GetResult();
        }
    }
}
