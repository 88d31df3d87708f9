using System.Text.Json;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

/// <summary><c>milena verify transform</c> as a process: what it says, how it ends, and what is left of it when it is killed.</summary>
[CancelAfter(120_000)]
public class TransformCommandTests
{
    private BrokerProcess _broker = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _broker = await BrokerProcess.StartAsync(1, CancellationToken.None);

    [OneTimeTearDown]
    public async Task StopAsync() => await _broker.DisposeAsync();

    [TestCase("INT", "classic")]
    [TestCase("TERM", "consumer")]
    public async Task Each_transaction_is_told_with_its_input_and_a_signal_ends_it_in_good_order(string signal, string protocol, CancellationToken cancellationToken)
    {
        (string from, string to) = ($"in-{protocol}", $"out-{protocol}");
        string[] values = [.. Enumerable.Range(0, 20).Select(i => $"{i}")];
        await ProduceAsync(from, string.Join('\n', values), cancellationToken);

        await using LiveProcess worker = StartWorker(from, to, "--protocol", protocol);
        await worker.UntilAsync(lines => Committed(lines) == values.Length, cancellationToken);
        int exitCode = await worker.EndAsync(cancellationToken, signal);

        Assert.That(exitCode, Is.EqualTo(130), worker.Errors);
        JsonElement[] told = [.. worker.Lines.Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.That(told.Select(Event).First(), Is.EqualTo("assigned"));
        Assert.That(told.Select(Event).Last(), Is.EqualTo("revoked"));
        JsonElement first = told.First(l => Event(l) == "committed");
        Assert.That(first.GetProperty("inputs")[0].ToString(), Is.EqualTo("""{"partition":0,"first":0,"next":20,"records":20}"""));
        Assert.That(await ReadAsync(to, cancellationToken), Is.EqualTo(values));
    }

    [Test]
    public async Task A_worker_that_is_killed_is_followed_by_one_that_goes_on_and_doubles_nothing(CancellationToken cancellationToken)
    {
        const string from = "killed-in";
        const string to = "killed-out";
        var values = new List<string>();
        for (int round = 0; round < 4; round++)
        {
            string[] more = [.. Enumerable.Range(round * 50, 50).Select(i => $"{i}")];
            values.AddRange(more);
            await ProduceAsync(from, string.Join('\n', more), cancellationToken);

            // In the classic protocol a static member need not wait for the session of its predecessor to end.
            await using LiveProcess worker = StartWorker(from, to, "--protocol", "classic", "--static-id", "only", "--commit-interval", "0", "--process-time", "1");
            if (round == 3)
            {
                await worker.UntilAsync(lines => Offset(lines) == 200, cancellationToken);
                Assert.That(await worker.EndAsync(cancellationToken), Is.EqualTo(130), worker.Errors);
            }
            else
            {
                await worker.UntilAsync(lines => lines.Count > round % 2, cancellationToken);
                await worker.KillAsync();
                Assert.That(worker.Lines, Is.All.StartsWith("{").And.All.EndsWith("}"));
            }
        }

        Assert.That(await ReadAsync(to, cancellationToken), Is.EqualTo(values));
    }

    [Test]
    public async Task A_second_worker_of_the_same_id_ends_the_first_with_a_word_about_it(CancellationToken cancellationToken)
    {
        await ProduceAsync("fenced-in", "one", cancellationToken);
        await using LiveProcess first = StartWorker("fenced-in", "fenced-out");
        await first.UntilAsync(lines => Committed(lines) == 1, cancellationToken);

        await using LiveProcess second = StartWorker("fenced-in", "fenced-out", "--group", "other");
        await second.UntilAsync(lines => Committed(lines) == 1, cancellationToken);
        await ProduceAsync("fenced-in", "two", cancellationToken);

        Assert.That(await first.WhenEndedAsync(cancellationToken), Is.EqualTo(2));
        Assert.That(first.Errors, Does.StartWith("milena: ").And.Contain("TransactionalId"));
        await second.EndAsync(cancellationToken);
    }

    [TestCase("verify", "transform", "a")]
    [TestCase("verify", "transform", "a", "b", "--group", "g")]
    [TestCase("verify", "transform", "a", "b", "--transactional-id", "t")]
    [TestCase("verify", "transform", "a", "b", "--group", "g", "--transactional-id", "t", "--commit-interval", "-1")]
    public async Task A_wrong_command_line_is_exit_code_1(params string[] arguments)
    {
        ProcessResult result = await Milena.RunAsync("", CancellationToken.None, [.. arguments, "-b", _broker.BootstrapServers]);

        Assert.That(result.ExitCode, Is.EqualTo(1), result.Errors);
    }

    private static string? Event(JsonElement line) => line.GetProperty("event").GetString();

    private static int Committed(IEnumerable<string> lines) => Inputs(lines).Sum(i => i.GetProperty("records").GetInt32());

    private static long Offset(IEnumerable<string> lines) => Inputs(lines).Select(i => i.GetProperty("next").GetInt64()).DefaultIfEmpty().Max();

    private static IEnumerable<JsonElement> Inputs(IEnumerable<string> lines) =>
        lines.Select(l => JsonDocument.Parse(l).RootElement).Where(l => Event(l) == "committed").SelectMany(l => l.GetProperty("inputs").EnumerateArray());

    private LiveProcess StartWorker(string from, string to, params string[] more)
    {
        string[] group = more.Contains("--group") ? [] : ["--group", from];
        return LiveProcess.Start(
            Milena.Host, [Milena.Assembly, "verify", "transform", from, to, "-b", _broker.BootstrapServers, "--transactional-id", from, "--json", .. group, .. more]);
    }

    private async Task ProduceAsync(string topic, string lines, CancellationToken cancellationToken) =>
        (await Milena.RunAsync(lines, cancellationToken, "produce", topic, "-b", _broker.BootstrapServers)).EnsureSuccess();

    private async Task<IReadOnlyList<string>> ReadAsync(string topic, CancellationToken cancellationToken) =>
        (await Milena.RunAsync("", cancellationToken, "consume", topic, "-b", _broker.BootstrapServers, "--until-end", "--isolation", "read_committed")).EnsureSuccess().Lines;
}
