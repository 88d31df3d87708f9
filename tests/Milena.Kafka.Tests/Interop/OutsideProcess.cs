using System.Diagnostics;
using System.Text;

namespace Milena.Kafka.Tests.Interop;

/// <summary>Runs a program to its end: bytes in, bytes out, bounded in time. Ends only what it started.</summary>
internal static class OutsideProcess
{
    /// <summary>The full path of a program on PATH, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <param name="program">The program's path.</param>
    /// <param name="arguments">Its arguments, one by one; nothing is split or quoted.</param>
    /// <param name="input">What it reads from its standard input, which then ends.</param>
    /// <param name="timeout">After this it is killed and a <see cref="TimeoutException"/> says what it had written.</param>
    /// <param name="environment">Variables in addition to those of this process.</param>
    /// <param name="cancellationToken">Kills it too.</param>
    public static async Task<ProcessResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        ReadOnlyMemory<byte> input,
        TimeSpan timeout,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        using MemoryStream output = new();
        using MemoryStream errors = new();
        Task pumps = Task.WhenAll(
            FeedAsync(process, input, deadline.Token),
            process.StandardOutput.BaseStream.CopyToAsync(output, CancellationToken.None),
            process.StandardError.BaseStream.CopyToAsync(errors, CancellationToken.None));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            await pumps;
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException(
                $"{Path.GetFileName(program)} {string.Join(' ', start.ArgumentList)} did not end within {timeout.TotalSeconds} s. It wrote: {Tail(output)} {Tail(errors)}");
        }

        await pumps;
        return new ProcessResult(process.ExitCode, output.ToArray(), Encoding.UTF8.GetString(errors.ToArray()));
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It ended, or was ended, without reading everything: its exit code says what that means.
        }
    }

    private static string Tail(MemoryStream stream)
    {
        string text = Encoding.UTF8.GetString(stream.ToArray());
        return text.Length <= 500 ? text : text[^500..];
    }
}
