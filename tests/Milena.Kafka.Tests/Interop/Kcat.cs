using System.Text;

namespace Milena.Kafka.Tests.Interop;

/// <summary>kcat, librdkafka's command line, as a client that nobody here wrote.</summary>
internal static class Kcat
{
    private static readonly string? Program = OutsideProcess.Find("kcat");

    // A library that is loaded first takes the place of the one that kcat is linked with.
    private static readonly Dictionary<string, string>? Newest =
        Environment.GetEnvironmentVariable("LIBRDKAFKA") is { Length: > 0 } library ? new() { ["LD_PRELOAD"] = Path.GetFullPath(library) } : null;

    public static bool IsAvailable(out string reason)
    {
        reason = "kcat is not on PATH (Debian: apt-get install kcat).";
        return Program is not null;
    }

    /// <summary>Runs kcat with UTF-8 text as its input.</summary>
    public static Task<ProcessResult> RunAsync(string input, TimeSpan timeout, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(Encoding.UTF8.GetBytes(input), timeout, cancellationToken, arguments);

    /// <summary>Runs kcat; see <see cref="OutsideProcess"/> for time-out and cancellation.</summary>
    public static Task<ProcessResult> RunAsync(ReadOnlyMemory<byte> input, TimeSpan timeout, CancellationToken cancellationToken, params string[] arguments) =>
        OutsideProcess.RunAsync(Program!, arguments, input, timeout, environment: null, cancellationToken);

    /// <summary>Runs kcat on the newer librdkafka that <c>LIBRDKAFKA</c> names, if it does.</summary>
    public static Task<ProcessResult> RunNewestAsync(string input, TimeSpan timeout, CancellationToken cancellationToken, params string[] arguments) =>
        OutsideProcess.RunAsync(Program!, arguments, Encoding.UTF8.GetBytes(input), timeout, Newest, cancellationToken);
}
