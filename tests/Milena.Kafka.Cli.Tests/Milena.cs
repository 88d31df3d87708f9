using System.Text;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

/// <summary>Runs <c>milena</c> as the process that users run.</summary>
internal static class Milena
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "milena.dll");

    public static string Host { get; } = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    public static Task<ProcessResult> RunAsync(string input, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(Encoding.UTF8.GetBytes(input), cancellationToken, arguments);

    public static Task<ProcessResult> RunAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken, params string[] arguments) =>
        OutsideProcess.RunAsync(Host, [Assembly, .. arguments], input, Limit, null, cancellationToken);
}
