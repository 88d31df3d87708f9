using System.Text.Json;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(120_000)]
public class ConsumeCommandTests
{
    private BrokerProcess _broker = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _broker = await BrokerProcess.StartAsync(1, CancellationToken.None);

    [OneTimeTearDown]
    public async Task StopAsync() => await _broker.DisposeAsync();

    [Test]
    public async Task Lines_come_back_as_lines(CancellationToken cancellationToken)
    {
        await ProduceAsync("lines", "one\ntwo\nthree\n", cancellationToken);

        ProcessResult all = await ConsumeAsync("lines", cancellationToken, "--until-end");
        ProcessResult two = await ConsumeAsync("lines", cancellationToken, "--count", "2");
        ProcessResult fromOffset = await ConsumeAsync("lines", cancellationToken, "--from", "2", "--until-end");
        ProcessResult fromEnd = await ConsumeAsync("lines", cancellationToken, "--from", "end", "--until-end");

        Assert.That(all.Lines, Is.EqualTo(new[] { "one", "two", "three" }));
        Assert.That(two.Lines, Is.EqualTo(new[] { "one", "two" }));
        Assert.That(fromOffset.Lines, Is.EqualTo(new[] { "three" }));
        Assert.That(fromEnd.Lines, Is.Empty);
    }

    [TestCase("beginning", "auto.offset.reset=latest", "one", "two")]
    [TestCase(null, "auto.offset.reset=latest")]
    [TestCase(null, "auto.offset.reset=by_duration:PT1H", "one", "two")]
    [TestCase(null, "auto.offset.reset=by_duration:PT0S")]
    public async Task Without_a_place_to_start_the_reset_says_where(string? from, string setting, params string[] expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string topic = $"reset-{Guid.NewGuid():N}";
        await ProduceAsync(topic, "one\ntwo\n", limit.Token);

        ProcessResult read = await ConsumeAsync(topic, limit.Token, ["--until-end", "-X", setting, .. from is null ? (string[])[] : ["--from", from]]);

        Assert.That(read.Lines, Is.EqualTo(expected), read.Errors);
    }

    [Test]
    public async Task Json_holds_all_that_a_record_has(CancellationToken cancellationToken)
    {
        await ProduceBinaryAsync(cancellationToken);

        ProcessResult read = await ConsumeAsync("binary", cancellationToken, "--until-end", "--json");

        JsonElement[] records = [.. read.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(records, Has.Length.EqualTo(2));
        Assert.That(records[0].GetProperty("topic").GetString(), Is.EqualTo("binary"));
        Assert.That(records[0].GetProperty("partition").GetInt32(), Is.Zero);
        Assert.That(records[0].GetProperty("offset").GetInt64(), Is.Zero);
        Assert.That(records[0].GetProperty("timestamp").GetInt64(), Is.GreaterThan(1_700_000_000_000));
        Assert.That(records[0].GetProperty("key").GetString(), Is.EqualTo("k"));
        Assert.That(records[0].GetProperty("value").GetProperty("base64").GetString(), Is.EqualTo("/wA="));
        Assert.That(records[0].GetProperty("headers")[0].GetProperty("name").GetString(), Is.EqualTo("h"));
        Assert.That(records[0].GetProperty("headers")[0].GetProperty("value").GetString(), Is.EqualTo("ä"));
        Assert.That(records[1].GetProperty("key").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(records[1].GetProperty("value").GetString(), Is.EqualTo("text"));
    }

    [Test]
    public async Task A_file_holds_what_came_before_and_behind(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("There is no sh.");
        }

        await ProduceAsync("filed", "one\ntwo\n", cancellationToken);
        string file = Path.GetTempFileName();
        string consume = $"'{Milena.Host}' '{Milena.Assembly}' consume filed --until-end -b {_broker.BootstrapServers}";
        try
        {
            (await OutsideProcess.RunAsync("/bin/sh", ["-c", $"{{ echo before; {consume}; {consume}; echo behind; }} > '{file}'"], default, TimeSpan.FromSeconds(60), null, cancellationToken)).EnsureSuccess();

            Assert.That(await File.ReadAllLinesAsync(file, cancellationToken), Is.EqualTo(new[] { "before", "one", "two", "one", "two", "behind" }));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task Reading_starts_at_a_time(CancellationToken cancellationToken)
    {
        await ProduceAsync("times", "one\n", cancellationToken);

        ProcessResult before = await ConsumeAsync("times", cancellationToken, "--from", "timestamp:2020-01-01T00:00:00Z", "--until-end");
        ProcessResult after = await ConsumeAsync("times", cancellationToken, "--from", "timestamp:2100-01-01T00:00:00Z", "--until-end");

        Assert.That(before.Lines, Is.EqualTo(new[] { "one" }));
        Assert.That(after.Lines, Is.Empty);
    }

    [TestCase("consume")]
    [TestCase("consume", "t", "--from", "yesterday")]
    [TestCase("consume", "t", "--format", "%x")]
    [TestCase("consume", "t", "--count", "-1")]
    [TestCase("consume", "t", "--nonsense")]
    [TestCase("produce", "t", "--acks", "2")]
    [TestCase("produce", "t", "--header", "novalue")]
    [TestCase("dance")]
    public async Task A_wrong_command_line_is_exit_code_1(params string[] arguments)
    {
        string[] bootstrap = arguments is ["consume" or "produce", _, ..] ? ["-b", _broker.BootstrapServers] : [];
        ProcessResult result = await Milena.RunAsync("", CancellationToken.None, [.. arguments, .. bootstrap]);

        Assert.That(result.ExitCode, Is.EqualTo(1), result.Errors);
        Assert.That(result.Errors, Does.StartWith("milena: "));
    }

    [Test]
    public async Task A_cluster_must_be_named(CancellationToken cancellationToken)
    {
        ProcessResult result = await Milena.RunAsync("", cancellationToken, "consume", "t");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Errors, Does.Contain("MILENA_BOOTSTRAP"));
    }

    [Test]
    public async Task A_partition_that_is_not_there_is_exit_code_2(CancellationToken cancellationToken)
    {
        await ProduceAsync("one-partition", "x\n", cancellationToken);

        ProcessResult consumed = await Milena.RunAsync("", cancellationToken, "consume", "one-partition", "-b", _broker.BootstrapServers, "--partition", "7", "--until-end");
        ProcessResult produced = await Milena.RunAsync("x\n", cancellationToken, "produce", "one-partition", "-b", _broker.BootstrapServers, "--partition", "7");

        Assert.That(consumed.ExitCode, Is.EqualTo(2), consumed.Errors);
        Assert.That(produced.ExitCode, Is.EqualTo(2), produced.Errors);
        Assert.That(consumed.Errors, Does.Contain("one-partition"));
        Assert.That(produced.Errors, Does.Contain("one-partition"));
    }

    private async Task ProduceBinaryAsync(CancellationToken cancellationToken)
    {
        byte[] input = [(byte)'k', (byte)':', 0xff, 0x00, (byte)'\n', .. "text\n"u8];
        (await Milena.RunAsync(input, cancellationToken, "produce", "binary", "-b", _broker.BootstrapServers, "--key-separator", ":", "--header", "h=ä")).EnsureSuccess();
    }

    private async Task ProduceAsync(string topic, string lines, CancellationToken cancellationToken) =>
        (await Milena.RunAsync(lines, cancellationToken, "produce", topic, "-b", _broker.BootstrapServers)).EnsureSuccess();

    private async Task<ProcessResult> ConsumeAsync(string topic, CancellationToken cancellationToken, params string[] arguments) =>
        (await Milena.RunAsync("", cancellationToken, ["consume", topic, "-b", _broker.BootstrapServers, .. arguments])).EnsureSuccess();
}
