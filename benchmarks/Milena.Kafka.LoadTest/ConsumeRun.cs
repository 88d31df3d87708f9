using System.Text.Json.Nodes;
using Milena.Kafka.LoadTest.Clients;
using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest;

/// <summary>Consumes a topic from its beginning, and measures the part after the warm-up.</summary>
internal static class ConsumeRun
{
    public static async Task<JsonObject> RunAsync(LoadSettings settings)
    {
        await using LoadCluster cluster = await LoadCluster.OpenAsync(settings, settings.Warmup + settings.Records);
        await using ILoadConsumer consumer = await LoadClients.OpenConsumerAsync(settings, cluster.Target);
        long ahead = settings.Warmup > 0 ? await consumer.ConsumeAsync(settings.Warmup) - settings.Warmup : 0;
        GC.Collect();
        Usage before = Usage.Now();
        long records = await consumer.ConsumeAsync(settings.Records - ahead);
        Usage after = Usage.Now();
        return Report.Of("consume", settings, records, before, after, latency: null, failed: 0, memory: null);
    }
}
