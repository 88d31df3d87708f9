namespace Milena.Kafka.LoadTest.Measuring;

/// <summary>One way to bring records to the cluster in equal groups, and what a record cost in each round.</summary>
/// <param name="RunAsync">Brings so many groups.</param>
internal sealed record Rhythm(Func<long, Task> RunAsync)
{
    private readonly List<double> _seconds = [];
    private readonly List<double> _bytes = [];
    private readonly List<double> _hops = [];

    /// <summary>Processor time of a record in each round, in nanoseconds.</summary>
    public List<double> Nanoseconds { get; } = [];

    /// <summary>The time of a round that half of them kept below.</summary>
    public double Seconds => Median(_seconds);

    /// <summary>Bytes allocated for a record.</summary>
    public double Bytes => Median(_bytes);

    /// <summary>How often work for a group of records went from one thread to another. What that costs depends on what else the machine does; this does not.</summary>
    public double Hops => Median(_hops);

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Measures one round.</summary>
    public async Task MeasureAsync(long groups, int perGroup)
    {
        long hops = ThreadPool.CompletedWorkItemCount;
        Usage before = Usage.Now();
        await RunAsync(groups);
        Usage after = Usage.Now();
        _hops.Add((ThreadPool.CompletedWorkItemCount - hops) / (double)groups);
        double records = groups * perGroup;
        Nanoseconds.Add((after.Processor - before.Processor).TotalNanoseconds / records);
        _bytes.Add((after.AllocatedBytes - before.AllocatedBytes) / records);
        _seconds.Add(System.Diagnostics.Stopwatch.GetElapsedTime(before.Timestamp, after.Timestamp).TotalSeconds);
    }

    /// <summary>How many times as much a record cost as in another rhythm: the median of the rounds, each of which had both in the same moments.</summary>
    public double Times(Rhythm other) => Median(Nanoseconds.Zip(other.Nanoseconds, (mine, others) => mine / others));
}
