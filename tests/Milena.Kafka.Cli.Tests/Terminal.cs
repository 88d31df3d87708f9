using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

/// <summary>Runs <c>milena</c> in a pseudo-terminal, by the program script of util-linux.</summary>
internal static class Terminal
{
    private static readonly string? Script = OutsideProcess.Find("script");

    public static bool IsAvailable(out string reason)
    {
        reason = "script is not on PATH (Debian: apt-get install bsdutils).";
        return Script is not null;
    }

    /// <summary>What a person would see; lines that were written over are still in it.</summary>
    public static async Task<ProcessResult> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        string line = string.Join(' ', new[] { Milena.Host, Milena.Assembly }.Concat(arguments).Select(word => $"'{word}'"));
        return await OutsideProcess.RunAsync(Script!, ["-qec", line, "/dev/null"], default, TimeSpan.FromSeconds(90), null, cancellationToken);
    }
}
