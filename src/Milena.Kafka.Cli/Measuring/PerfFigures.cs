using Milena.Kafka.Cli.Output;

namespace Milena.Kafka.Cli.Measuring;

/// <summary>The figures of a run as a row of a table.</summary>
internal static class PerfFigures
{
    public static Table ToTable(Throughput all, LatencyRecorder? latency)
    {
        string[] columns = ["records", "seconds", "recordsPerSecond", "megabytesPerSecond"];
        double[] figures = [all.Time.TotalSeconds, all.RecordsPerSecond, all.MegabytesPerSecond];
        if (latency is not null)
        {
            columns = [.. columns, "averageMs", "maxMs", "p50Ms", "p95Ms", "p99Ms", "p999Ms"];
            figures =
            [
                .. figures, latency.AverageMilliseconds, latency.MaxMilliseconds,
                latency.Milliseconds(0.5), latency.Milliseconds(0.95), latency.Milliseconds(0.99), latency.Milliseconds(0.999),
            ];
        }

        var table = new Table(columns);
        table.Add([all.Records, .. figures.Select(figure => (object?)Math.Round(figure, 2))]);
        return table;
    }
}
