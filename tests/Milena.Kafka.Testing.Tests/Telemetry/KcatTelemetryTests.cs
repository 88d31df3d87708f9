using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Tests.Groups;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Telemetry;

/// <summary>librdkafka as a client that pushes its metrics. Skipped where kcat is not installed, or no newer librdkafka is there.</summary>
[CancelAfter(60_000)]
internal sealed class KcatTelemetryTests : ClusterTest
{
    [Test]
    public async Task Metrics_come_in_their_interval_and_once_more_at_the_end()
    {
        Cluster.CreateTopic(Topic);
        await Client.SetConfigsAsync(ConfigResourceType.ClientMetrics, "all", Bound, ("metrics", "*"), ("interval.ms", "500"), ("match", "client_software_name=.*librdkafka.*"));
        using Process kcat = Start();
        try
        {
            await kcat.StandardInput.WriteLineAsync("one");
            await kcat.StandardInput.FlushAsync(Bound);
            await Cluster.WaitForAsync(ApiKey.PushTelemetry, 3, Bound);
            kcat.StandardInput.Close();
            string complaints = await kcat.StandardError.ReadToEndAsync(Bound);
            await kcat.WaitForExitAsync(Bound);
            Assert.That(kcat.ExitCode, Is.Zero, complaints);
        }
        finally
        {
            if (!kcat.HasExited)
            {
                kcat.Kill();
            }
        }

        IReadOnlyList<PushTelemetryRequest> pushes = Cluster.Received<PushTelemetryRequest>();
        Assert.That(pushes.Select(push => (push.ClientInstanceId, push.SubscriptionId)).Distinct().Count(), Is.EqualTo(1), "none was refused");
        Assert.That(Cluster.ReceivedCount(ApiKey.GetTelemetrySubscriptions), Is.EqualTo(1));
        Assert.That(pushes.Select(push => push.Terminating), Is.EqualTo(Enumerable.Repeat(false, pushes.Count - 1).Append(true)));
        Assert.That(pushes.Select(push => push.CompressionType), Is.All.GreaterThan(0));
        Assert.That(Encoding.UTF8.GetString(ClientTelemetryTests.Unpack(pushes[0])), Does.Contain("org.apache.kafka.producer."));
    }

    private Process Start()
    {
        var start = new ProcessStartInfo("kcat", ["-b", Cluster.BootstrapServers, "-P", "-t", Topic])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            Environment = { ["LD_PRELOAD"] = KcatMember.NewerLibrary },
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new IgnoreException("kcat is not installed (apt-get install kcat).");
        }
    }
}
