using System.Globalization;

namespace Milena.Kafka.Cli.Measuring;

/// <summary>So many records and bytes in so much time.</summary>
internal readonly record struct Throughput(long Records, long Bytes, TimeSpan Time)
{
    public double RecordsPerSecond => Records / Math.Max(1e-6, Time.TotalSeconds);

    /// <summary>In MiB, which Kafka's own tools call MB.</summary>
    public double MegabytesPerSecond => Bytes / 1024.0 / 1024.0 / Math.Max(1e-6, Time.TotalSeconds);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{RecordsPerSecond:F1} records/sec ({MegabytesPerSecond:F2} MB/sec)");
}
