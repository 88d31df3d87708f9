using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Milena.Kafka.Tests.Interop;

/// <summary>A program that runs beside a test and writes lines, until the test ends it.</summary>
internal sealed class LiveProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private TaskCompletionSource _wrote = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Task _reading;

    private LiveProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, _lines), ReadAsync(process.StandardError, _errors));
    }

    /// <summary>The whole lines that it has written so far. Whoever is killed may be in the middle of one: that is none.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>What it has complained about so far.</summary>
    public string Errors => string.Join('\n', _errors);

    public static LiveProcess Start(string program, params string[] arguments) => Start(program, library: null, arguments);

    /// <param name="program">The program.</param>
    /// <param name="library">A library that takes the place of the installed one; null for that.</param>
    /// <param name="arguments">Its arguments.</param>
    public static LiveProcess Start(string program, string? library, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (library is not null)
        {
            start.Environment["LD_PRELOAD"] = library;
        }

        return new LiveProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
    }

    /// <summary>Waits until what it has written is enough.</summary>
    /// <exception cref="InvalidOperationException">It has ended before.</exception>
    public async Task UntilAsync(Func<IReadOnlyCollection<string>, bool> isEnough, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wrote = Volatile.Read(ref _wrote).Task;
            bool hasEnded = _reading.IsCompleted;
            if (isEnough(_lines))
            {
                return;
            }

            if (hasEnded)
            {
                throw new InvalidOperationException($"The program has ended. {Errors}");
            }

            await Task.WhenAny(wrote, _reading).WaitAsync(cancellationToken);
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
        await _reading.WaitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Ends it on the spot, as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WhenEndedAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, ConcurrentQueue<string> lines)
    {
        var line = new StringBuilder();
        char[] buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is var count and > 0)
        {
            foreach (char character in buffer.AsSpan(0, count))
            {
                if (character != '\n')
                {
                    line.Append(character);
                    continue;
                }

                lines.Enqueue(line.ToString());
                line.Clear();
            }

            Interlocked.Exchange(ref _wrote, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }
}
