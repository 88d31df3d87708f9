using System.Text.Json;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(180_000)]
public class PerfCommandTests
{
    private static readonly string[] Latencies = ["averageMs", "maxMs", "p50Ms", "p95Ms", "p99Ms", "p999Ms"];

    private BrokerProcess _broker = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _broker = await BrokerProcess.StartAsync(1, CancellationToken.None);

    [OneTimeTearDown]
    public async Task StopAsync() => await _broker.DisposeAsync();

    [Test]
    public async Task Figures_are_those_of_the_records_that_are_stored(CancellationToken cancellationToken)
    {
        ProcessResult text = await RunAsync("produce", "perf", "--count", "5000", "--size", "50");
        JsonElement json = Row(await RunAsync("produce", "perf", "--count", "1000", "--rate", "5000", "--json", "-X", "acks=1"));
        JsonElement read = Row(await RunAsync("consume", "perf", "--json"));

        Assert.That(text.Text, Does.Match(@"^5000 records sent, [\d.]+ records/sec \([\d.]+ MB/sec\), [\d.]+ ms avg latency, [\d.]+ ms max latency, [\d.]+ ms 50th, [\d.]+ ms 95th, [\d.]+ ms 99th, [\d.]+ ms 99.9th\.\n$"));
        Assert.That(text.Errors, Is.Empty, "no progress is shown to a pipe");
        Assert.That(json.GetProperty("records").GetInt64(), Is.EqualTo(1000));
        double[] figures = [.. Latencies.Select(name => json.GetProperty(name).GetDouble())];
        Assert.That(figures[2..], Is.Ordered, "percentiles");
        Assert.That(figures[0], Is.InRange(0, figures[1]));
        Assert.That(read.GetProperty("records").GetInt64(), Is.EqualTo(6000));

        async Task<ProcessResult> RunAsync(params string[] arguments) =>
            (await Milena.RunAsync("", cancellationToken, ["perf", .. arguments, "-b", _broker.BootstrapServers])).EnsureSuccess();
    }

    [Test]
    public async Task Records_that_cannot_be_stored_are_counted_and_end_in_2(CancellationToken cancellationToken)
    {
        ProcessResult end = await Milena.RunAsync("", cancellationToken, "perf", "produce", "perf", "--count", "10", "--size", "3000000", "-b", _broker.BootstrapServers);

        Assert.That(end.ExitCode, Is.EqualTo(2));
        Assert.That(end.Errors, Does.Match(@"^milena: \d+ records were not stored\. The first reason: "));
    }

    [Test]
    public async Task A_terminal_shows_progress(CancellationToken cancellationToken)
    {
        if (!Terminal.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        ProcessResult produced = (await Terminal.RunAsync(cancellationToken, "perf", "produce", "shown", "--count", "2000", "-b", _broker.BootstrapServers)).EnsureSuccess();
        ProcessResult read = (await Terminal.RunAsync(cancellationToken, "perf", "consume", "shown", "-b", _broker.BootstrapServers)).EnsureSuccess();

        Assert.That(produced.Text, Does.Contain("\r[########################] 100% 2,000 records, "));
        Assert.That(read.Text, Does.Contain("\r2,000 records, ").And.Contain("RECORDS  SECONDS"));
    }

    private static JsonElement Row(ProcessResult result) => JsonDocument.Parse(result.Lines.Single()).RootElement;
}
