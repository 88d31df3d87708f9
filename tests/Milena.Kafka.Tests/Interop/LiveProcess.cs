using System.Collections.Concurrent;
using System.Diagnostics;

namespace Milena.Kafka.Tests.Interop;

/// <summary>A program that runs beside a test and writes lines, until the test ends it.</summary>
internal sealed class LiveProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private TaskCompletionSource _wrote = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LiveProcess(Process process) => _process = process;

    /// <summary>What it has written so far.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>What it has complained about so far.</summary>
    public string Errors => string.Join('\n', _errors);

    public static LiveProcess Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var live = new LiveProcess(process);
        process.OutputDataReceived += (_, line) => live.Add(live._lines, line.Data);
        process.ErrorDataReceived += (_, line) => live.Add(live._errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return live;
    }

    /// <summary>Waits until what it has written is enough.</summary>
    public async Task UntilAsync(Func<IReadOnlyCollection<string>, bool> isEnough, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wrote = Volatile.Read(ref _wrote).Task;
            if (isEnough(_lines))
            {
                return;
            }

            await wrote.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Asks it to end, as Ctrl-C does unless another signal is named, and waits until it has.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken, string signal = "INT")
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
        return await WhenEndedAsync(cancellationToken);
    }

    /// <summary>Waits until it has ended by itself and all its lines are here.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WhenEndedAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Ends it on the spot, as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }

        Interlocked.Exchange(ref _wrote, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }
}
