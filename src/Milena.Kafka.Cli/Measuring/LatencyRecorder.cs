using System.Diagnostics;
using System.Numerics;

namespace Milena.Kafka.Cli.Measuring;

/// <summary>A histogram of latencies with an error below 1 %. Any thread; recording allocates nothing.</summary>
internal sealed class LatencyRecorder
{
    private const int Precision = 7;
    private const int Steps = 1 << Precision;

    private readonly long[] _counts = new long[(64 - Precision + 1) * Steps];
    private long _max;
    private long _sum;

    public double AverageMilliseconds => Count is > 0 and var count ? Volatile.Read(ref _sum) / 1e6 / count : 0;

    public long Count => _counts.Sum();

    public double MaxMilliseconds => _max / 1e6;

    /// <summary>Records the time from a timestamp of <see cref="Stopwatch"/> to now.</summary>
    public void RecordSince(long timestamp) => Record((long)Stopwatch.GetElapsedTime(timestamp).TotalNanoseconds);

    public void Clear()
    {
        Array.Clear(_counts);
        _max = 0;
        _sum = 0;
    }

    public double Milliseconds(double quantile)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(Count * quantile));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return Math.Min(UpperEnd(i), _max) / 1e6;
            }
        }

        return 0;
    }

    private static int BucketOf(long nanoseconds)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)nanoseconds | 1) - Precision);
        return (shift * Steps) + (int)(nanoseconds >> shift);
    }

    // The first two rows count single nanoseconds; each further row of steps is twice as wide as the one before.
    private static long UpperEnd(int bucket)
    {
        int shift = Math.Max(0, (bucket / Steps) - 1);
        return (((long)bucket - ((long)shift * Steps) + 1) << shift) - 1;
    }

    public void Record(TimeSpan latency) => Record((long)latency.TotalNanoseconds);

    private void Record(long nanoseconds)
    {
        nanoseconds = Math.Max(0, nanoseconds);
        Interlocked.Increment(ref _counts[BucketOf(nanoseconds)]);
        Interlocked.Add(ref _sum, nanoseconds);
        long known = Volatile.Read(ref _max);
        while (nanoseconds > known)
        {
            long before = Interlocked.CompareExchange(ref _max, nanoseconds, known);
            if (before == known)
            {
                return;
            }

            known = before;
        }
    }
}
