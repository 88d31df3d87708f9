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

    /// <summary>Whether there is a librdkafka that knows the group protocol of KIP-848; Debian's is too old.</summary>
    public static bool HasNewProtocol(out string reason)
    {
        reason = $"{Librdkafka.Variable} names no librdkafka that speaks the consumer group protocol (2.12 or newer).";
        return Librdkafka.IsLoaded && System.Version.TryParse(Librdkafka.Version, out Version? version) && version >= new Version(2, 12);
    }

    /// <summary>Starts a member of a group; it writes partition and offset of each record.</summary>
    /// <param name="bootstrapServers">Where.</param>
    /// <param name="group">The group.</param>
    /// <param name="topic">What it reads.</param>
    /// <param name="isNew">Whether it joins by the protocol of KIP-848, which takes <see cref="HasNewProtocol"/>.</param>
    /// <param name="settings">Settings of librdkafka, as name=value.</param>
    public static LiveProcess StartMember(string bootstrapServers, string group, string topic, bool isNew, params string[] settings)
    {
        IEnumerable<string> all = settings.Append("auto.offset.reset=earliest").Concat(isNew ? ["group.protocol=consumer"] : []);
        return LiveProcess.Start(
            Program!,
            isNew ? Librdkafka.FileName : null,
            ["-b", bootstrapServers, "-u", "-q", "-f", "%p %o\n", .. all.SelectMany(s => new[] { "-X", s }), "-G", group, topic]);
    }

    /// <summary>Runs kcat on the newer librdkafka that <c>LIBRDKAFKA</c> names, if it does.</summary>
    public static Task<ProcessResult> RunNewestAsync(string input, TimeSpan timeout, CancellationToken cancellationToken, params string[] arguments) =>
        OutsideProcess.RunAsync(Program!, arguments, Encoding.UTF8.GetBytes(input), timeout, Newest, cancellationToken);
}
