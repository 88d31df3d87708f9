using System.ComponentModel;
using System.Diagnostics;

namespace Milena.Kafka.Testing.Tests;

/// <summary>kcat, which is librdkafka, as the client. Skipped where it is not installed.</summary>
[CancelAfter(60_000)]
internal sealed class KcatTests
{
    [OneTimeSetUp]
    public async Task FindKcatAsync()
    {
        try
        {
            using Process process = Start(["-V"]);
            await process.WaitForExitAsync(TestContext.CurrentContext.CancellationToken);
        }
        catch (Win32Exception)
        {
            Assert.Ignore("kcat is not installed (apt-get install kcat).");
        }
    }

    [TestCase("none")]
    [TestCase("gzip")]
    [TestCase("snappy")]
    [TestCase("lz4")]
    [TestCase("zstd")]
    public async Task Keys_values_headers_and_nulls_come_back(string codec, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        string lines = string.Concat(Enumerable.Range(0, 500).Select(i => $"key{i}:{(i % 5 == 0 ? "" : $"value{i}")}\n"));

        await RunAsync(cluster, lines, cancellationToken, "-P", "-t", "t", "-K", ":", "-Z", "-H", "one=1", "-H", "two=2", "-z", codec);
        string read = await RunAsync(cluster, "", cancellationToken, "-C", "-t", "t", "-e", "-q", "-f", "%o %k=%s (%S) %h\\n");

        Assert.That(read.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(Enumerable.Range(0, 500).Select(i =>
            i % 5 == 0 ? $"{i} key{i}= (-1) one=1,two=2" : $"{i} key{i}=value{i} ({$"value{i}".Length}) one=1,two=2")));
    }

    [Test]
    public async Task What_the_broker_has_compressed_anew_is_read(
        [Values("none", "lz4")] string produced, [Values("uncompressed", "gzip", "snappy", "lz4", "zstd")] string stored, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        cluster.CreateTopic("t", configs: new Dictionary<string, string> { ["compression.type"] = stored });
        string lines = string.Concat(Enumerable.Range(0, 500).Select(i => $"key{i}:value{i}\n"));

        await RunAsync(cluster, lines, cancellationToken, "-P", "-t", "t", "-K", ":", "-H", "one=1", "-z", produced, "-X", "enable.idempotence=true");
        string read = await RunAsync(cluster, "", cancellationToken, "-C", "-t", "t", "-e", "-q", "-f", "%o %k=%s %h\\n", "-X", "check.crcs=true");

        Assert.That(cluster.Batches("t", 0).Select(batch => batch.Compression.ToString().ToLowerInvariant()), Is.All.EqualTo(stored == "uncompressed" ? "none" : stored));
        Assert.That(read.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(Enumerable.Range(0, 500).Select(i => $"{i} key{i}=value{i} one=1")));
    }

    [Test]
    public async Task A_hundred_thousand_records_come_back_in_order([Values] bool idempotent, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, cancellationToken: cancellationToken);
        cluster.CreateTopic("t");
        string file = Path.GetTempFileName();
        try
        {
            string lines = string.Join('\n', Enumerable.Range(0, 100_000)) + "\n";
            await File.WriteAllTextAsync(file, lines, cancellationToken);

            await RunAsync(cluster, "", cancellationToken, "-P", "-t", "t", "-X", $"enable.idempotence={idempotent}".ToLowerInvariant(), "-l", file);

            Assert.That(cluster.EndOffset("t", 0), Is.EqualTo(100_000));
            Assert.That(cluster.Batches("t", 0).All(batch => batch.Producer.Id >= 0 == idempotent));
            Assert.That(await RunAsync(cluster, "", cancellationToken, "-C", "-t", "t", "-e", "-q"), Is.EqualTo(lines));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task The_cluster_is_listed(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, cancellationToken: cancellationToken);
        cluster.CreateTopic("t", partitions: 2);

        string listed = await RunAsync(cluster, "", cancellationToken, "-L");

        Assert.That(listed, Does.Contain("3 brokers").And.Contain("topic \"t\" with 2 partitions").And.Contain("isrs: 1,2,3").Or.Contain("isrs: 2,3,1"));
    }

    [Test]
    public async Task A_group_reads_once_and_goes_on_where_it_was(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(3, cancellationToken: cancellationToken);
        cluster.CreateTopic("t", partitions: 3);
        await RunAsync(cluster, "a\nb\nc\n", cancellationToken, "-P", "-t", "t");

        string first = await RunAsync(cluster, "", cancellationToken, "-G", "g", "-X", "auto.offset.reset=earliest", "-e", "-q", "t");
        await RunAsync(cluster, "d\n", cancellationToken, "-P", "-t", "t");
        string second = await RunAsync(cluster, "", cancellationToken, "-G", "g", "-X", "auto.offset.reset=earliest", "-e", "-q", "t");

        Assert.That(first.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EquivalentTo(new[] { "a", "b", "c" }));
        Assert.That(second.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[] { "d" }));
    }

    private static Process Start(IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo("kcat", arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static async Task<string> RunAsync(TestCluster cluster, string input, CancellationToken cancellationToken, params string[] arguments)
    {
        using Process process = Start(["-b", cluster.BootstrapServers, .. arguments]);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            Assert.That(process.ExitCode, Is.Zero, await errors);
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
