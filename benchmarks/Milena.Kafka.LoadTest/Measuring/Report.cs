using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Milena.Kafka.LoadTest.Measuring;

/// <summary>Turns what was measured into JSON.</summary>
internal static class Report
{
    private const string Processor = "cpuNsPerRecord";
    private const string Allocated = "bytesAllocatedPerRecord";

    private static readonly (string Name, double Quantile)[] Quantiles = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)];

    public static JsonObject Of(string verb, LoadSettings settings, long records, Usage before, Usage after, LatencyRecorder? latency, long failed, MemorySampler? memory)
    {
        double seconds = Stopwatch.GetElapsedTime(before.Timestamp, after.Timestamp).TotalSeconds;
        var line = new JsonObject
        {
            ["verb"] = verb,
            ["client"] = Lower(settings.Client),
            ["records"] = records,
            ["tls"] = settings.Tls,
            ["size"] = settings.Size,
            ["partitions"] = settings.Partitions,
            ["threads"] = settings.Threads,
            ["await"] = settings.Await,
            ["rate"] = settings.Rate,
            ["seconds"] = Math.Round(seconds, 3),
            ["recordsPerSecond"] = Math.Round(records / seconds),
            ["megabytesPerSecond"] = Math.Round(records / seconds * settings.Size / 1e6, 1),
            [Processor] = Math.Round((after.Processor - before.Processor).TotalNanoseconds / records, 1),
            [Allocated] = Math.Round((after.AllocatedBytes - before.AllocatedBytes) / (double)records, 2),
            ["latencyMs"] = latency is null ? null : Describe(latency),
            ["peakRssMegabytes"] = Math.Round(MemorySampler.PeakMegabytes),
            ["gc"] = new JsonObject { ["gen0"] = after.Gen0 - before.Gen0, ["gen1"] = after.Gen1 - before.Gen1, ["gen2"] = after.Gen2 - before.Gen2 },
        };
        if (verb == "consume")
        {
            line["mode"] = Lower(settings.Mode);
        }
        else
        {
            line["failed"] = failed;
        }

        if (memory is not null)
        {
            line["rssMegabytes"] = new JsonArray([.. memory.Megabytes.Select(m => (JsonNode)m)]);
        }

        return line;
    }

    /// <summary>How many times as much TLS costs as a run without it.</summary>
    public static JsonObject OfTls(JsonObject plaintext, JsonObject tls) => new()
    {
        ["verb"] = "tls",
        ["cpuTimesPlaintext"] = Math.Round((double)tls[Processor]! / (double)plaintext[Processor]!, 2),
        ["bytesAllocatedMorePerRecord"] = Math.Round((double)tls[Allocated]! - (double)plaintext[Allocated]!, 2),
    };

    private static JsonObject Describe(LatencyRecorder latency)
    {
        var described = new JsonObject();
        foreach ((string name, double quantile) in Quantiles)
        {
            described[name] = Math.Round(latency.Milliseconds(quantile), 3);
        }

        described["max"] = Math.Round(latency.MaxMilliseconds, 3);
        described["samples"] = latency.Count;
        return described;
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
