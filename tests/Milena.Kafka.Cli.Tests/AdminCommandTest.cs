using System.Text.Json;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

/// <summary>A cluster of three brokers in a process of its own, and verbs that ask it.</summary>
[CancelAfter(180_000)]
public abstract class AdminCommandTest
{
    private BrokerProcess _broker = null!;

    protected string Servers => _broker.BootstrapServers;

    [OneTimeSetUp]
    public async Task StartAsync() => _broker = await BrokerProcess.StartAsync(3, CancellationToken.None);

    [OneTimeTearDown]
    public async Task StopAsync() => await _broker.DisposeAsync();

    /// <summary>Runs a verb whose words are divided by blanks.</summary>
    private protected Task<ProcessResult> RunAsync(string line, CancellationToken cancellationToken) =>
        Milena.RunAsync("", cancellationToken, [.. line.Split(' '), "-b", Servers]);

    /// <summary>The rows of a verb that succeeds, as JSON.</summary>
    private protected async Task<JsonElement[]> RowsAsync(string line, CancellationToken cancellationToken) =>
        [.. (await RunAsync($"{line} --json", cancellationToken)).EnsureSuccess().Lines.Select(row => JsonDocument.Parse(row).RootElement)];

    private protected static string?[] Column(IEnumerable<JsonElement> rows, string name) => [.. rows.Select(row => row.GetProperty(name).ToString())];

    /// <summary>Looks at the cluster with the eyes of kcat, where it is installed.</summary>
    private protected async Task<string?> KcatListAsync(string topic, CancellationToken cancellationToken) => Kcat.IsAvailable(out _)
        ? (await Kcat.RunAsync("", TimeSpan.FromSeconds(30), cancellationToken, "-L", "-b", Servers, "-t", topic)).EnsureSuccess().Text
        : null;
}
