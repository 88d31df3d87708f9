using System.Text;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(120_000)]
public class BrokerCommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Test]
    public async Task It_names_every_broker_and_ends_cleanly_on_Ctrl_C(CancellationToken cancellationToken)
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync(3, cancellationToken);

        Assert.That(broker.BootstrapServers.Split(','), Has.Length.EqualTo(3).And.All.StartsWith("127.0.0.1:"));
        Assert.That(await broker.InterruptAsync(cancellationToken), Is.EqualTo(130));
    }

    [TestCase("none")]
    [TestCase("gzip")]
    [TestCase("snappy")]
    [TestCase("lz4")]
    [TestCase("zstd")]
    public async Task Kcat_stores_and_reads_a_hundred_thousand_records(string codec, CancellationToken cancellationToken)
    {
        SkipWithoutKcat();
        const int count = 100_000;
        await using BrokerProcess broker = await BrokerProcess.StartAsync(3, cancellationToken);
        string input = string.Concat(Enumerable.Range(0, count).Select(i => $"key-{i}:value-{i}\n"));

        (await Kcat.RunAsync(input, Limit, cancellationToken, "-P", "-b", broker.BootstrapServers, "-t", "many", "-K:", "-H", "origin=kcat", "-z", codec)).EnsureSuccess();
        ProcessResult read = (await Kcat.RunAsync("", Limit, cancellationToken, "-C", "-b", broker.BootstrapServers, "-t", "many", "-e", "-q", "-f", "%o %k:%s %h\n")).EnsureSuccess();

        Assert.That(read.Lines, Is.EqualTo(Enumerable.Range(0, count).Select(i => $"{i} key-{i}:value-{i} origin=kcat")));
    }

    [Test]
    public async Task Kcat_stores_null_values_and_idempotent_records(CancellationToken cancellationToken)
    {
        SkipWithoutKcat();
        await using BrokerProcess broker = await BrokerProcess.StartAsync(1, cancellationToken);

        (await Kcat.RunAsync("a:1\na:\n", Limit, cancellationToken, "-P", "-b", broker.BootstrapServers, "-t", "nulls", "-K:", "-Z", "-X", "enable.idempotence=true")).EnsureSuccess();
        ProcessResult read = (await Kcat.RunAsync("", Limit, cancellationToken, "-C", "-b", broker.BootstrapServers, "-t", "nulls", "-e", "-q", "-f", "%k %S\n")).EnsureSuccess();

        Assert.That(read.Lines, Is.EqualTo(new[] { "a 1", "a -1" }));
    }

    [Test]
    public async Task What_milena_stores_kcat_reads_and_the_other_way_round(CancellationToken cancellationToken)
    {
        SkipWithoutKcat();
        await using BrokerProcess broker = await BrokerProcess.StartAsync(3, cancellationToken);

        (await Milena.RunAsync("k1:ä\nk2:NULL\nlone\n", cancellationToken, "produce", "ours", "-b", broker.BootstrapServers, "--key-separator", ":", "--null-value", "NULL", "--header", "h=1", "--header", "h=2")).EnsureSuccess();
        ProcessResult theirs = (await Kcat.RunAsync("", Limit, cancellationToken, "-C", "-b", broker.BootstrapServers, "-t", "ours", "-e", "-q", "-f", "%k %K %s %S %h\n")).EnsureSuccess();
        (await Kcat.RunAsync("x:y\n", Limit, cancellationToken, "-P", "-b", broker.BootstrapServers, "-t", "theirs", "-K:", "-H", "a=b", "-z", "gzip")).EnsureSuccess();
        ProcessResult ours = (await Milena.RunAsync("", cancellationToken, "consume", "theirs", "-b", broker.BootstrapServers, "--until-end", "--format", "%t %p %o %k %s %h")).EnsureSuccess();

        Assert.That(theirs.Lines, Is.EqualTo(new[] { "k1 2 ä 2 h=1,h=2", "k2 2  -1 h=1,h=2", " -1 lone 4 h=1,h=2" }));
        Assert.That(Encoding.UTF8.GetString(ours.Output), Is.EqualTo("theirs 0 0 x y a=b\n"));
    }

    [TestCase("gzip")]
    [TestCase("snappy")]
    [TestCase("lz4")]
    [TestCase("zstd")]
    public async Task Every_codec_goes_both_ways_between_milena_and_kcat(string codec, CancellationToken cancellationToken)
    {
        SkipWithoutKcat();
        await using BrokerProcess broker = await BrokerProcess.StartAsync(1, cancellationToken);
        string input = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"{{\"id\":{i},\"name\":\"customer {i % 97}\",\"active\":true}}\n"));

        (await Milena.RunAsync(input, cancellationToken, "produce", "ours", "-b", broker.BootstrapServers, "--compression", codec)).EnsureSuccess();
        ProcessResult theirs = (await Kcat.RunAsync("", Limit, cancellationToken, "-C", "-b", broker.BootstrapServers, "-t", "ours", "-e", "-q")).EnsureSuccess();
        (await Kcat.RunAsync(input, Limit, cancellationToken, "-P", "-b", broker.BootstrapServers, "-t", "theirs", "-z", codec)).EnsureSuccess();
        ProcessResult ours = (await Milena.RunAsync("", cancellationToken, "consume", "theirs", "-b", broker.BootstrapServers, "--until-end")).EnsureSuccess();

        Assert.That(theirs.Text, Is.EqualTo(input));
        Assert.That(ours.Text, Is.EqualTo(input));
    }

    private static void SkipWithoutKcat()
    {
        if (!Kcat.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }
    }
}
