using System.Globalization;

namespace Milena.Kafka.Cli.Output;

/// <summary>Shows a person how long work goes on: a line on the error output that is written over. Into a file or pipe it writes nothing.</summary>
internal sealed class Progress : IAsyncDisposable
{
    private const int BarWidth = 24;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly TextWriter _output;
    private readonly TimeProvider _time;
    private readonly string _what;
    private readonly long? _total;
    private readonly ITimer? _timer;
    private readonly long _start;
    private readonly Lock _writing = new();
    private long _count;
    private long _bytes;
    private long _lastCount;
    private long _lastTime;
    private int _width;

    /// <summary>Begins to show.</summary>
    /// <param name="what">What is counted, such as "records".</param>
    /// <param name="total">How many there will be; null if that is not known.</param>
    /// <param name="isShown">Whether a person is there to see it.</param>
    /// <param name="output">Where it is shown.</param>
    /// <param name="time">The clock of the rates.</param>
    public Progress(string what, long? total, bool isShown, TextWriter output, TimeProvider time)
    {
        _what = what;
        _total = total;
        _output = output;
        _time = time;
        _start = _lastTime = time.GetTimestamp();
        _timer = isShown ? time.CreateTimer(_ => Show(), null, Interval, Interval) : null;
    }

    /// <summary>On the error output, if that is a terminal and nothing else is written to it.</summary>
    public static Progress OnTerminal(string what, long? total, bool isAlone) => new(what, total, isAlone && !Console.IsErrorRedirected, Console.Error, TimeProvider.System);

    /// <summary>Counts what was done.</summary>
    public void Add(long bytes)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, bytes);
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
            lock (_writing)
            {
                _lastTime = _start;
                _lastCount = 0;
                Write();
                _output.WriteLine();
            }
        }
    }

    private void Show()
    {
        lock (_writing)
        {
            Write();
        }
    }

    private void Write()
    {
        long now = _time.GetTimestamp();
        long count = Interlocked.Read(ref _count);
        double seconds = Math.Max(1e-3, _time.GetElapsedTime(_lastTime, now).TotalSeconds);
        double megabytes = Interlocked.Read(ref _bytes) / 1e6;
        string rate = ((count - _lastCount) / seconds).ToString("N0", CultureInfo.InvariantCulture);
        string line = string.Create(CultureInfo.InvariantCulture, $"{Bar(count)}{count:N0} {_what}, {rate}/s, {megabytes:N1} MB");
        _output.Write('\r' + line.PadRight(_width));
        _output.Flush();
        _width = line.Length;
        _lastTime = now;
        _lastCount = count;
    }

    private string Bar(long count)
    {
        if (_total is not > 0)
        {
            return "";
        }

        double share = Math.Min(1, count / (double)_total);
        int full = (int)(share * BarWidth);
        return string.Create(CultureInfo.InvariantCulture, $"[{new string('#', full)}{new string('.', BarWidth - full)}] {share * 100:F0}% ");
    }
}
