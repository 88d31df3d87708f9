using System.Diagnostics;
using System.Text;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

/// <summary>Runs <c>milena</c> in a pseudo-terminal, by the program script of util-linux.</summary>
internal static class Terminal
{
    public const string CtrlC = "\u0003";

    // What .NET says to a terminal at first: that its keys are to be those of an application.
    private const string KeypadMode = "\u001b[?1h\u001b=";

    private static readonly string? Script = OutsideProcess.Find("script");

    public static bool IsAvailable(out string reason)
    {
        reason = "script is not on PATH (Debian: apt-get install bsdutils).";
        return Script is not null;
    }

    /// <summary>What a person would see; lines that were written over are still in it.</summary>
    public static Task<ProcessResult> RunAsync(CancellationToken cancellationToken, params string[] arguments) => RunAsync("", "", cancellationToken, arguments);

    /// <summary>As <see cref="RunAsync(CancellationToken, string[])"/>, for what wants to be typed at.</summary>
    /// <param name="prompt">What is waited for before anything is typed.</param>
    /// <param name="typed">The keys.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="arguments">The words behind <c>milena</c>; behind &lt; a file that is its input.</param>
    public static async Task<ProcessResult> RunAsync(string prompt, string typed, CancellationToken cancellationToken, params string[] arguments)
    {
        string line = string.Join(' ', new[] { Milena.Host, Milena.Assembly }.Concat(arguments).Select(word => word == "<" ? word : $"'{word}'"));
        var start = new ProcessStartInfo(Script!, ["-qec", $"exec {line}", "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("script did not start.");
        await using CancellationTokenRegistration kill = cancellationToken.Register(process.Kill);
        var seen = new StringBuilder();
        char[] part = new char[4096];
        while (true)
        {
            if (typed.Length > 0 && seen.ToString().Contains(prompt, StringComparison.Ordinal))
            {
                await process.StandardInput.WriteAsync(typed);
                await process.StandardInput.FlushAsync(cancellationToken);
                typed = "";
            }

            int count = await process.StandardOutput.ReadAsync(part, cancellationToken);
            if (count == 0)
            {
                break;
            }

            seen.Append(part, 0, count);
        }

        await process.WaitForExitAsync(cancellationToken);
        return new ProcessResult(process.ExitCode, Encoding.UTF8.GetBytes(seen.ToString().Replace(KeypadMode, "", StringComparison.Ordinal)), "");
    }
}
