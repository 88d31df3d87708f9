using System.Text.Json;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(120_000)]
public class GroupCommandTests
{
    private BrokerProcess _broker = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _broker = await BrokerProcess.StartAsync(1, CancellationToken.None);

    [OneTimeTearDown]
    public async Task StopAsync() => await _broker.DisposeAsync();

    [Test]
    public async Task A_group_goes_on_where_it_has_stopped(CancellationToken cancellationToken)
    {
        await ProduceAsync("shared", "one\ntwo\nthree\nfour\n", cancellationToken);

        ProcessResult first = await ConsumeAsync("shared", "--count", "2", "--assignor", "cooperative-sticky");
        ProcessResult second = await ConsumeAsync("shared", "--count", "2", "--static-id", "a", "--protocol", "classic");

        Assert.That(first.Lines, Is.EqualTo(new[] { "one", "two" }));
        Assert.That(second.Lines, Is.EqualTo(new[] { "three", "four" }));

        async Task<ProcessResult> ConsumeAsync(string topic, params string[] arguments) =>
            (await Milena.RunAsync("", cancellationToken, ["consume", topic, "-b", _broker.BootstrapServers, "--group", "g", .. arguments])).EnsureSuccess();
    }

    [TestCase("consumer")]
    [TestCase("auto")]
    public async Task A_group_of_the_new_protocol_goes_on_where_it_has_stopped(string protocol, CancellationToken cancellationToken)
    {
        await ProduceAsync(protocol, "one\ntwo\nthree\nfour\n", cancellationToken);

        ProcessResult first = await ConsumeAsync();
        ProcessResult second = await ConsumeAsync();

        Assert.That(first.Lines, Is.EqualTo(new[] { "one", "two" }));
        Assert.That(second.Lines, Is.EqualTo(new[] { "three", "four" }));

        async Task<ProcessResult> ConsumeAsync() => (await Milena.RunAsync(
            "", cancellationToken, "consume", protocol, "-b", _broker.BootstrapServers, "--group", $"new-{protocol}", "--protocol", protocol, "--count", "2")).EnsureSuccess();
    }

    [Test]
    public async Task Verify_tells_of_records_ownership_and_commits(CancellationToken cancellationToken)
    {
        await ProduceAsync("verified", "one\ntwo\nthree\n", cancellationToken);
        await using LiveProcess member = LiveProcess.Start(
            Milena.Host, Milena.Assembly, "verify", "consume", "verified", "-b", _broker.BootstrapServers, "--group", "v", "--json", "--process-time", "1");
        await member.UntilAsync(lines => lines.Count(l => l.Contains("\"record\"", StringComparison.Ordinal)) == 3, cancellationToken);
        await member.EndAsync(cancellationToken);
        JsonElement[] lines = [.. member.Lines.Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.That(lines[0].ToString(), Is.EqualTo("""{"event":"assigned","partitions":[0]}"""));
        Assert.That(
            lines.Where(l => Event(l) == "record").Select(l => l.ToString()),
            Is.EqualTo(new[] { Record(0, "one"), Record(1, "two"), Record(2, "three") }));
        Assert.That(lines.Last(l => Event(l) == "commit").GetProperty("offsets")[0].GetProperty("offset").GetInt64(), Is.EqualTo(3));
        Assert.That(lines.Count(l => Event(l) == "revoked"), Is.EqualTo(1));

        static string? Event(JsonElement line) => line.GetProperty("event").GetString();
        static string Record(long offset, string value) => $$"""{"event":"record","partition":0,"offset":{{offset}},"value":"{{value}}"}""";
    }

    [TestCase("INT")]
    [TestCase("TERM")]
    public async Task A_member_that_is_ended_by_a_signal_has_committed_what_it_has_printed(string signal, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        (await Milena.RunAsync("one\ntwo\nthree\n", cancellationToken, "produce", "t", "-b", cluster.BootstrapServers)).EnsureSuccess();
        await using LiveProcess member = LiveProcess.Start(Milena.Host, Milena.Assembly, "consume", "t", "-b", cluster.BootstrapServers, "--group", "g");
        await member.UntilAsync(lines => lines.Count == 3, cancellationToken);

        Assert.That(await member.EndAsync(cancellationToken, signal), Is.EqualTo(130), member.Errors);
        Assert.That(member.Lines, Is.EqualTo(new[] { "one", "two", "three" }));
        Assert.That(cluster.CommittedOffset("g", "t", 0), Is.EqualTo(3));
    }

    [TestCase("consume", "t", "--static-id", "a")]
    [TestCase("consume", "t", "--group", "g", "--until-end")]
    [TestCase("consume", "t", "--group", "g", "--assignor", "best")]
    [TestCase("consume", "t", "--group", "g", "--protocol", "new")]
    [TestCase("verify", "consume", "t")]
    public async Task A_wrong_command_line_is_exit_code_1(params string[] arguments)
    {
        ProcessResult result = await Milena.RunAsync("", CancellationToken.None, [.. arguments, "-b", _broker.BootstrapServers]);

        Assert.That(result.ExitCode, Is.EqualTo(1), result.Errors);
        Assert.That(result.Errors, Does.StartWith("milena: "));
    }

    private async Task ProduceAsync(string topic, string lines, CancellationToken cancellationToken) =>
        (await Milena.RunAsync(lines, cancellationToken, "produce", topic, "-b", _broker.BootstrapServers)).EnsureSuccess();
}
