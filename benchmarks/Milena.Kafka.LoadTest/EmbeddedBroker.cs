using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Milena.Kafka.LoadTest;

/// <summary>The embedded cluster in a process of its own: this program, with the verb <c>broker</c>. It ends when its standard input does.</summary>
internal sealed class EmbeddedBroker : IAsyncDisposable
{
    private const string Ready = "ready";

    private readonly Process _process;

    private EmbeddedBroker(Process process) => _process = process;

    public string Bootstrap { get; private set; } = "";

    /// <summary>The authority that signed the certificates of its listeners; null without TLS.</summary>
    public string? AuthorityPem { get; private set; }

    /// <summary>Starts it and waits until it serves.</summary>
    /// <param name="settings">How many brokers, which topic.</param>
    /// <param name="filled">The records that the topic is to hold at once; with some, nothing is ever deleted.</param>
    public static async Task<EmbeddedBroker> StartAsync(LoadSettings settings, long filled)
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("This program does not know its own path.");
        var start = new ProcessStartInfo(self) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(typeof(EmbeddedBroker).Assembly.Location);
        }

        string[] arguments = ["broker", "--brokers", Text(settings.Brokers), "--topic", settings.Topic, "--partitions", Text(settings.Partitions), "--size", Text(settings.Size), "--fill", Text(filled), .. settings.Tls ? (string[])["--tls"] : []];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var broker = new EmbeddedBroker(Process.Start(start) ?? throw new InvalidOperationException($"{self} could not be started."));
        string? line = await broker._process.StandardOutput.ReadLineAsync();
        if (line?.Split(' ') is not [Ready, var bootstrap, .. var authority])
        {
            await broker.DisposeAsync();
            throw new InvalidOperationException($"The embedded cluster did not start: {line}");
        }

        broker.Bootstrap = bootstrap;
        broker.AuthorityPem = authority is [var encoded] ? Encoding.UTF8.GetString(Convert.FromBase64String(encoded)) : null;
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
