using System.Diagnostics;

namespace Milena.Kafka.LoadTest.Measuring;

/// <summary>What this process has used up to a moment: time, processor, memory.</summary>
internal readonly record struct Usage(long Timestamp, TimeSpan Processor, long AllocatedBytes, int Gen0, int Gen1, int Gen2)
{
    public static Usage Now() => new(
        Stopwatch.GetTimestamp(),
        Environment.CpuUsage.TotalTime,
        GC.GetTotalAllocatedBytes(precise: true),
        GC.CollectionCount(0),
        GC.CollectionCount(1),
        GC.CollectionCount(2));
}
