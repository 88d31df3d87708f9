using System.Diagnostics;

namespace Milena.Kafka.LoadTest.Measuring;

/// <summary>Notes the resident memory of this process at regular times, so that a long run shows whether it is flat.</summary>
internal sealed class MemorySampler : IDisposable
{
    private const double Megabyte = 1024 * 1024;

    private readonly List<int> _megabytes = [];
    private readonly Timer _timer;

    public MemorySampler(TimeSpan period) => _timer = new Timer(_ => Add(), null, period, period);

    /// <summary>The most that was ever resident, in MiB.</summary>
    public static double PeakMegabytes
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return self.PeakWorkingSet64 / Megabyte;
        }
    }

    public IReadOnlyList<int> Megabytes
    {
        get
        {
            lock (_megabytes)
            {
                return [.. _megabytes];
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Add()
    {
        lock (_megabytes)
        {
            _megabytes.Add((int)(Environment.WorkingSet / Megabyte));
        }
    }
}
