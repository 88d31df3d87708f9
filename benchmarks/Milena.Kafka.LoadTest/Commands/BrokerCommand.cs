using System.CommandLine;
using System.Globalization;
using System.Text;
using Milena.Kafka.Testing;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary><c>LoadTest broker</c>: the embedded cluster of a run, in a process of its own until its standard input ends.</summary>
internal static class BrokerCommand
{
    // What a run leaves behind must not grow with its length.
    private const long KeptBytes = 256L * 1024 * 1024;
    private const long LeastKeptBytes = 1024 * 1024;

    public static Command Create()
    {
        var shared = new SharedOptions();
        var fill = new Option<long>("--fill") { Description = "Records that the topic holds at once; with some, nothing is deleted.", HelpName = "N" };
        var command = new Command("broker", "Runs an embedded cluster until the standard input ends.") { fill };
        command.Hidden = true;
        shared.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(shared.Read(parsed) with { Records = parsed.GetValue(fill) }));
        return command;
    }

    private static async Task<int> RunAsync(LoadSettings settings)
    {
        var options = new TestClusterOptions { MaxReceivedBytes = 0, MaxReceivedRequests = 0 };
        TestCertificates? certificates = settings.Tls ? new TestCertificates() : null;
        options.Security.Tls = certificates is null ? null : new TestTlsOptions { Certificates = certificates };
        await using TestCluster cluster = await TestCluster.StartAsync(settings.Brokers, options);
        var configs = new Dictionary<string, string>();
        if (settings.Records == 0)
        {
            configs["retention.bytes"] = Math.Max(KeptBytes / settings.Partitions, LeastKeptBytes).ToString(CultureInfo.InvariantCulture);
        }

        cluster.CreateTopic(settings.Topic, settings.Partitions, configs: configs);
        if (settings.Records > 0)
        {
            await ProduceRun.FillAsync(settings, new LoadTarget(cluster.BootstrapServers, certificates?.AuthorityPem));
        }

        string authority = certificates is null ? "" : $" {Convert.ToBase64String(Encoding.UTF8.GetBytes(certificates.AuthorityPem))}";
        await Console.Out.WriteLineAsync($"ready {cluster.BootstrapServers}{authority}");
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
