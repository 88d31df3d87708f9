using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Milena.Kafka.LoadTest.Clients;
using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest;

/// <summary>One client consumes a topic again and again, or lone records of its own making; the part after the warm-up is measured.</summary>
internal sealed class ConsumeRun
{
    private readonly LatencyRecorder _latency = new();
    private readonly LoadSettings _settings;
    private readonly ILoadConsumer _consumer;
    private readonly long _stored;
    private long _left;

    private ConsumeRun(LoadSettings settings, ILoadConsumer consumer, long stored)
    {
        _settings = settings;
        _consumer = consumer;
        _stored = stored;
        _left = stored;
    }

    /// <summary>Measures the clients of the settings in turn, all on one cluster.</summary>
    /// <returns>A report for each.</returns>
    public static async IAsyncEnumerable<JsonObject> RunAsync(LoadSettings settings)
    {
        await using LoadCluster cluster = await LoadCluster.OpenAsync(settings, settings.IsLone ? 0 : settings.Stored);
        ClientKind[] clients = settings.Against is { } other ? [settings.Client, other] : [settings.Client];
        for (int round = 0; round < settings.Rounds; round++)
        {
            foreach (ClientKind client in clients)
            {
                long stored = await cluster.CountRecordsAsync(settings.Topic);
                LoadSettings mine = settings with { Client = client };
                await using ILoadConsumer consumer = await LoadClients.OpenConsumerAsync(mine, cluster.Target);
                var run = new ConsumeRun(mine, consumer, stored);
                yield return settings.IsLone ? await run.MeasureLoneAsync(cluster.Target) : await run.MeasureAsync();
            }
        }
    }

    private async Task<JsonObject> MeasureAsync()
    {
        if (_stored == 0)
        {
            throw new InvalidOperationException($"There is nothing in {_settings.Topic} to consume; fill it with LoadTest produce.");
        }

        await WarmUp.RunAsync(_settings.Warmup, ConsumeAsync);
        GC.Collect();
        Usage before = Usage.Now();
        long records = await ConsumeAsync(_settings.Records);
        Usage after = Usage.Now();
        return Report.Of("consume", _settings, records, before, after, latency: null, failed: 0, memory: null);
    }

    private async Task<JsonObject> MeasureLoneAsync(LoadTarget target)
    {
        await using ILoadProducer producer = LoadClients.CreateProducer(_settings, target);
        await _consumer.ConsumeAsync(_stored);
        await WarmUp.RunAsync(_settings.Warmup, records => PassAsync(producer, records));
        _latency.Clear();
        GC.Collect();
        Usage before = Usage.Now();
        long passed = await PassAsync(producer, _settings.Records);
        Usage after = Usage.Now();
        return Report.Of("consume", _settings, passed, before, after, _latency, failed: 0, memory: null);
    }

    private async Task<long> ConsumeAsync(long records)
    {
        long consumed = 0;
        while (consumed < records)
        {
            if (_left == 0)
            {
                _consumer.Rewind();
                _left = _stored;
            }

            long got = await _consumer.ConsumeAsync(Math.Min(records - consumed, _left));
            _left -= got;
            consumed += got;
        }

        return consumed;
    }

    /// <summary>Produces each record when the one before has been consumed.</summary>
    private async Task<long> PassAsync(ILoadProducer producer, long records)
    {
        byte[] key = Encoding.ASCII.GetBytes("key");
        byte[] value = new byte[_settings.Size];
        for (long i = 0; i < records; i++)
        {
            long produced = Stopwatch.GetTimestamp();
            await producer.EnqueueAsync(key, value);
            await _consumer.ConsumeAsync(1);
            _latency.RecordSince(produced);
        }

        return records;
    }
}
