using System.Text;
using System.Text.Json;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

/// <summary><c>consume --json</c> and <c>produce --json</c> are each other's reverse.</summary>
[CancelAfter(180_000)]
public class CopyTests
{
    private BrokerProcess _broker = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _broker = await BrokerProcess.StartAsync(1, CancellationToken.None);

    [OneTimeTearDown]
    public async Task StopAsync() => await _broker.DisposeAsync();

    [Test]
    public async Task A_copied_topic_is_the_same_in_all_but_its_offsets(CancellationToken cancellationToken)
    {
        var random = new Random(7);
        await using (var kafka = new KafkaClient(_broker.BootstrapServers))
        {
            await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("from") { Partitions = 3 }, cancellationToken);
            await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("to") { Partitions = 3 }, cancellationToken);
            await using Producer<byte[]?, byte[]?> producer = kafka.CreateProducer<byte[]?, byte[]?>();
            for (int i = 0; i < 2000; i++)
            {
                Headers headers = [];
                for (int h = random.Next(3); h > 0; h--)
                {
                    headers.Add($"header {h} \"\u00fc\"", Bytes(random));
                }

                var record = new ProducerRecord<byte[]?, byte[]?>("from", Bytes(random), Bytes(random))
                {
                    Partition = random.Next(3),
                    Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(2_000_000_000_000)),
                    Headers = headers,
                };
                await producer.EnqueueAsync(record, cancellationToken);
            }

            await producer.FlushAsync(cancellationToken);
        }

        ProcessResult source = await ConsumeAsync("from", cancellationToken);
        (await Milena.RunAsync(source.Output, cancellationToken, "produce", "to", "--json", "-b", _broker.BootstrapServers)).EnsureSuccess();
        ProcessResult copy = await ConsumeAsync("to", cancellationToken);

        // Within a partition even the offsets agree, for both topics were empty.
        Assert.That(source.Lines, Has.Exactly(2000).Items);
        Assert.That(
            copy.Lines.Order(StringComparer.Ordinal),
            Is.EqualTo(source.Lines.Select(line => line.Replace("\"topic\":\"from\"", "\"topic\":\"to\"", StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
        if (Kcat.IsAvailable(out _))
        {
            Assert.That(await KcatSortedAsync("to", cancellationToken), Is.EqualTo(await KcatSortedAsync("from", cancellationToken)), "as kcat reads them");
        }
    }

    [Test]
    public async Task Malformed_lines_are_named_and_stop_or_are_left_out_as_asked(CancellationToken cancellationToken)
    {
        const string lines = """
            {"value":"one"}
            {"value":"two","kye":"k"}
            {"value":{"base64":"?"}}
            {"key":"no value"}
            nonsense
            {"value":"three","headers":[{"name":"h"}]}

            """;

        ProcessResult stopped = await Milena.RunAsync(lines, cancellationToken, "produce", "stopped", "--json", "-b", _broker.BootstrapServers);
        ProcessResult skipped = await Milena.RunAsync(lines, cancellationToken, "produce", "skipped", "--json", "--skip-malformed", "-b", _broker.BootstrapServers);

        Assert.That(stopped.ExitCode, Is.EqualTo(1));
        Assert.That(ErrorLines(stopped), Has.Length.EqualTo(1).And.All.StartsWith("milena: line 2, column 22: 'kye' is none of "));
        Assert.That(skipped.ExitCode, Is.EqualTo(1));
        Assert.That(ErrorLines(skipped).Select(line => line.Split(':')[1].Trim()), Is.EqualTo(new[] { "line 2, column 22", "line 3, column 20", "line 4, column 18", "line 5, column 2" }));
        Assert.That((await ConsumeAsync("stopped", cancellationToken)).Lines.Select(Value), Is.EqualTo(new[] { "one" }));
        Assert.That((await ConsumeAsync("skipped", cancellationToken)).Lines.Select(Value), Is.EqualTo(new[] { "one", "three" }));
    }

    [Test]
    public async Task The_last_of_each_partition_and_those_with_a_key_or_header_can_be_asked_for(CancellationToken cancellationToken)
    {
        string lines = string.Concat(Enumerable.Range(0, 20).Select(i =>
            $$$"""{"key":"k{{{i % 4}}}","value":"{{{i}}}","partition":0,"headers":[{"name":"even","value":"{{{i % 2 == 0}}}"}]}""" + "\n"));
        (await Milena.RunAsync(lines, cancellationToken, "produce", "asked", "--json", "-b", _broker.BootstrapServers)).EnsureSuccess();

        Assert.That(await ValuesAsync("--last", "3"), Is.EqualTo(new[] { "17", "18", "19" }));
        Assert.That(await ValuesAsync("--last", "100", "--count", "2"), Is.EqualTo(new[] { "0", "1" }));
        Assert.That(await ValuesAsync("--key", "k1", "--header", "even"), Is.EqualTo(new[] { "1", "5", "9", "13", "17" }));
        Assert.That(await ValuesAsync("--header", "even=True", "--count", "3"), Is.EqualTo(new[] { "0", "2", "4" }));
        Assert.That(await ValuesAsync("--header", "odd"), Is.Empty);

        async Task<string[]> ValuesAsync(params string[] options) =>
            [.. (await Milena.RunAsync("", cancellationToken, ["consume", "asked", "--until-end", "-b", _broker.BootstrapServers, .. options])).EnsureSuccess().Lines];
    }

    private static string[] ErrorLines(ProcessResult end) => end.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string? Value(string line) => JsonDocument.Parse(line).RootElement.GetProperty("value").GetString();

    private static byte[]? Bytes(Random random)
    {
        if (random.Next(5) == 0)
        {
            return null;
        }

        byte[] bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return random.Next(2) == 0 ? bytes : Encoding.UTF8.GetBytes("text \"\\\n\t " + Convert.ToHexString(bytes));
    }

    private async Task<ProcessResult> ConsumeAsync(string topic, CancellationToken cancellationToken) =>
        (await Milena.RunAsync("", cancellationToken, "consume", topic, "--json", "--until-end", "-b", _broker.BootstrapServers)).EnsureSuccess();

    private async Task<string> KcatSortedAsync(string topic, CancellationToken cancellationToken)
    {
        string[] parts = await Task.WhenAll(Enumerable.Range(0, 3).Select(async partition =>
            Convert.ToHexString((await Kcat.RunAsync(default(ReadOnlyMemory<byte>), TimeSpan.FromSeconds(60), cancellationToken, "-C", "-b", _broker.BootstrapServers, "-t", topic, "-p", $"{partition}", "-e", "-q", "-Z", "-f", "%p %o %T %K %k %S %s %h\\n")).EnsureSuccess().Output)));
        return string.Join('\n', parts);
    }
}
