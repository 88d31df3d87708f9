using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Milena.Kafka.LoadTest.Measuring;

/// <summary>Says how many records are due by now, open-loop: what a stall held up is due at once, with the time at which it should have gone.</summary>
/// <remarks>
/// Records that became due are handed out in slices; between two slices the thread sleeps in the kernel, so that waiting takes no processor time.
/// A sleep of <see cref="Thread.Sleep(int)"/> is a millisecond at least, more than what is to be measured: on Linux <c>nanosleep</c> is asked directly.
/// </remarks>
internal sealed partial class Pacer
{
    // Waking costs some 5 µs of the processor that is measured: at high rates records come in slices.
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMicroseconds(100);

    private const int SetTimerSlack = 29;

    private readonly double _perTick;
    private readonly long _start = Stopwatch.GetTimestamp();

    public Pacer(double recordsPerSecond)
    {
        _perTick = recordsPerSecond / Stopwatch.Frequency;
        if (OperatingSystem.IsLinux())
        {
            // The kernel's default adds 50 µs to each sleep of this thread.
            _ = ProcessControl(SetTimerSlack, 1, 0, 0, 0);
        }
    }

    /// <summary>The records that are due by now, from the first one on.</summary>
    public long Due => (long)((Stopwatch.GetTimestamp() - _start) * _perTick) + 1;

    /// <summary>When a record is due.</summary>
    public long DueAt(long index) => _start + (long)(index / _perTick);

    /// <summary>Sleeps until a record is due, and a little longer where more will be due by then.</summary>
    public void SleepUntilDue(long index)
    {
        TimeSpan wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), DueAt(index));
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        bool isSparse = 1 / _perTick > ShortestSleep.TotalSeconds * Stopwatch.Frequency;
        Sleep(isSparse || wait > ShortestSleep ? wait : ShortestSleep);
    }

    private static void Sleep(TimeSpan time)
    {
        if (!OperatingSystem.IsLinux())
        {
            Thread.Sleep(time);
            return;
        }

        var wanted = new TimeSpec { Seconds = (nint)(long)time.TotalSeconds, Nanoseconds = (nint)(time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick) };
        _ = NanoSleep(in wanted, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec wanted, nint left);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
