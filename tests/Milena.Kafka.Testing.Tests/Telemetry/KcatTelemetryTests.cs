using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Tests.Interop;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Telemetry;

/// <summary>librdkafka as a client that pushes its metrics. Skipped where kcat is not installed, or no newer librdkafka is there.</summary>
[CancelAfter(60_000)]
internal sealed class KcatTelemetryTests : ClusterTest
{
    /// <summary>A librdkafka with client metrics; Debian's is too old.</summary>
    private static string Library => Environment.GetEnvironmentVariable("LIBRDKAFKA") is { Length: > 0 } named
        ? named
        : throw new IgnoreException("LIBRDKAFKA names no newer librdkafka (.ci/run builds one).");

    [Test]
    public async Task Metrics_come_in_their_interval_and_once_more_at_the_end()
    {
        string program = OutsideProcess.Find("kcat") ?? throw new IgnoreException("kcat is not installed (apt-get install kcat).");
        Cluster.CreateTopic(Topic);
        await Client.SetConfigsAsync(ConfigResourceType.ClientMetrics, "all", Bound, ("metrics", "*"), ("interval.ms", "500"), ("match", "client_software_name=.*librdkafka.*"));
        await using (LiveProcess kcat = LiveProcess.Start(program, Library, ["-b", Cluster.BootstrapServers, "-C", "-q", "-t", Topic]))
        {
            await Cluster.WaitForAsync(ApiKey.PushTelemetry, 3, Bound);
            Assert.That(await kcat.EndAsync(Bound), Is.Zero, kcat.Errors);
        }

        IReadOnlyList<PushTelemetryRequest> pushes = Cluster.Received<PushTelemetryRequest>();
        Assert.That(pushes.Select(push => (push.ClientInstanceId, push.SubscriptionId)).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Cluster.ReceivedCount(ApiKey.GetTelemetrySubscriptions), Is.EqualTo(1), "no push was refused");
        Assert.That(pushes.Select(push => push.Terminating), Is.EqualTo(Enumerable.Repeat(false, pushes.Count - 1).Append(true)));
        Assert.That(pushes.Select(push => push.CompressionType), Is.All.GreaterThan(0));
        Assert.That(Encoding.UTF8.GetString(ClientTelemetryTests.Unpack(pushes[0])), Does.Contain("org.apache.kafka.consumer."));
    }
}
