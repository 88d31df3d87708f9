using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(120_000)]
public class VerifyProduceCommandTests
{
    [Test]
    public async Task Each_record_has_a_line_with_its_place_and_the_last_line_has_the_sums(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 3, cancellationToken);

        ProcessResult result = await VerifyAsync(cluster, cancellationToken, "--count", "5000", "--size", "40", "--keys", "7");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        JsonElement[] lines = Parse(result);
        Assert.That(lines, Has.Length.EqualTo(5_001));
        Assert.That(lines[..^1].Select(l => l.GetProperty("number").GetInt64()), Is.EquivalentTo(Enumerable.Range(0, 5_000)));
        Assert.That(Sums(lines), Is.EqualTo((5_000, 5_000, 0, 0)));
        var places = lines[..^1].ToDictionary(l => (l.GetProperty("partition").GetInt32(), l.GetProperty("offset").GetInt64()), l => l.GetProperty("number").GetInt32());
        for (int partition = 0; partition < 3; partition++)
        {
            foreach (StoredRecord record in cluster.Records("t", partition))
            {
                int number = places[(partition, record.Offset)];
                Assert.That(Encoding.UTF8.GetString(record.Value!.Value.Span), Is.EqualTo($"{number} ".PadRight(40, '.')));
                Assert.That(Encoding.UTF8.GetString(record.Key!.Value.Span), Is.EqualTo($"k{number % 7}"));
            }
        }
    }

    [Test]
    public async Task Records_that_surely_failed_say_why_and_the_exit_code_is_3(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 1, cancellationToken);
        cluster.FailNext(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed);

        ProcessResult result = await VerifyAsync(cluster, cancellationToken, "--count", "1");

        JsonElement[] lines = Parse(result);
        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(lines.Select(l => l.GetProperty("event").GetString()), Is.EqualTo(new[] { "failed", "sums" }));
        Assert.That(lines[0].GetProperty("reason").GetString(), Does.Contain("TOPIC_AUTHORIZATION_FAILED"));
        Assert.That(Sums(lines), Is.EqualTo((1, 0, 1, 0)));
    }

    [Test]
    public async Task Records_whose_answer_never_comes_are_unknown(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 1, cancellationToken);
        using RequestHold hold = cluster.Hold(ApiKey.Produce, new FaultScope { AfterHandling = true, Count = int.MaxValue });

        ProcessResult result = await VerifyAsync(cluster, cancellationToken, "--count", "1", "--delivery-timeout", "0.5");

        JsonElement[] lines = Parse(result);
        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(lines.Select(l => l.GetProperty("event").GetString()), Is.EqualTo(new[] { "unknown", "sums" }));
        Assert.That(Sums(lines), Is.EqualTo((1, 0, 0, 1)));
    }

    [Test]
    public async Task Brokers_that_come_and_go_cost_nothing(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 3, cancellationToken);

        Task<ProcessResult> verifying = VerifyAsync(cluster, cancellationToken, "--count", "6000", "--rate", "2000");
        for (int broker = 1; broker <= 3; broker++)
        {
            await cluster.WaitForAsync(ApiKey.Produce, cluster.ReceivedCount(ApiKey.Produce) + 20, cancellationToken);
            await cluster.StopBrokerAsync(broker);
            await cluster.WaitForAsync(ApiKey.Produce, cluster.ReceivedCount(ApiKey.Produce) + 20, cancellationToken);
            await cluster.StartBrokerAsync(broker);
        }

        ProcessResult result = await verifying;
        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(Enumerable.Range(0, 3).Sum(p => cluster.EndOffset("t", p)), Is.EqualTo(6_000));
    }

    [Test]
    public async Task Without_json_there_are_the_sums_alone(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 1, cancellationToken);

        ProcessResult result = await Milena.RunAsync("", cancellationToken, "verify", "produce", "t", "-b", cluster.BootstrapServers, "--count", "10");

        Assert.That(result.EnsureSuccess().Lines, Is.EqualTo(new[] { "10 records: 10 stored, 0 failed, 0 unknown" }));
    }

    [Test]
    public async Task A_cluster_that_does_not_answer_is_exit_code_2(CancellationToken cancellationToken)
    {
        string address;
        await using (TestCluster cluster = await StartAsync(partitions: 1, cancellationToken))
        {
            address = cluster.BootstrapServers;
        }

        ProcessResult result = await Milena.RunAsync("", cancellationToken, "verify", "produce", "t", "-b", address, "--count", "1", "--delivery-timeout", "1", "--json");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(Sums(Parse(result)), Is.EqualTo((1, 0, 1, 0)));
        Assert.That(result.Errors, Does.StartWith("milena: "));
    }

    [Test]
    public async Task Ctrl_C_closes_gives_the_sums_and_is_exit_code_130(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 1, cancellationToken);
        using Process verifying = Process.Start(new ProcessStartInfo(
            Milena.Host, [Milena.Assembly, "verify", "produce", "t", "-b", cluster.BootstrapServers, "--rate", "500", "--json"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        string first = (await verifying.StandardOutput.ReadLineAsync(cancellationToken))!;

        using Process kill = Process.Start("kill", ["-INT", verifying.Id.ToString(CultureInfo.InvariantCulture)]);
        string[] rest = (await verifying.StandardOutput.ReadToEndAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await verifying.WaitForExitAsync(cancellationToken);

        JsonElement[] lines = [.. rest.Prepend(first).Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.That(verifying.ExitCode, Is.EqualTo(130));
        Assert.That(Sums(lines), Is.EqualTo((lines.Length - 1, lines.Length - 1, 0, 0)));
        Assert.That(cluster.EndOffset("t", 0), Is.EqualTo(lines.Length - 1));
    }

    [TestCase("--count", "-1")]
    [TestCase("--rate", "-1")]
    [TestCase("--size", "-1")]
    [TestCase("--keys", "-1")]
    [TestCase("--delivery-timeout", "0")]
    public async Task A_number_that_makes_no_sense_is_refused(string option, string value, CancellationToken cancellationToken)
    {
        ProcessResult result = await Milena.RunAsync("", cancellationToken, "verify", "produce", "t", "-b", "127.0.0.1:1", option, value);

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Errors, Does.Contain(option));
    }

    private static async Task<TestCluster> StartAsync(int partitions, CancellationToken cancellationToken)
    {
        TestCluster cluster = await TestCluster.StartAsync(brokers: 3, cancellationToken: cancellationToken);
        cluster.CreateTopic("t", partitions);
        return cluster;
    }

    private static Task<ProcessResult> VerifyAsync(TestCluster cluster, CancellationToken cancellationToken, params string[] arguments) =>
        Milena.RunAsync("", cancellationToken, ["verify", "produce", "t", "-b", cluster.BootstrapServers, "--json", .. arguments]);

    private static JsonElement[] Parse(ProcessResult result) => [.. result.Lines.Select(l => JsonDocument.Parse(l).RootElement)];

    private static (int Records, int Stored, int Failed, int Unknown) Sums(JsonElement[] lines)
    {
        JsonElement last = lines[^1];
        return (last.GetProperty("records").GetInt32(), last.GetProperty("stored").GetInt32(), last.GetProperty("failed").GetInt32(), last.GetProperty("unknown").GetInt32());
    }
}
