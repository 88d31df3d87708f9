using System.Buffers;
using Milena.Kafka.Compression;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Tests.Telemetry;

/// <summary>Subscriptions to clients' metrics reach the clients that they are for, and what these push is taken (KIP-714).</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ClientTelemetryTests : ClusterTest
{
    private static readonly Guid Me = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    private readonly ManualTime _time = new();

    protected override int Brokers => 2;

    protected override TestClusterOptions Options => new() { TimeProvider = _time };

    [Test]
    public async Task Without_a_subscription_nothing_is_wanted_and_an_id_is_given()
    {
        GetTelemetrySubscriptionsResponse first = await AskAsync(Guid.Empty);
        GetTelemetrySubscriptionsResponse second = await AskAsync(Guid.Empty);

        Assert.That(first.RequestedMetrics, Is.Empty);
        Assert.That(first.PushIntervalMs, Is.EqualTo(300_000));
        Assert.That(first.ClientInstanceId, Is.Not.EqualTo(Guid.Empty).And.Not.EqualTo(second.ClientInstanceId));
    }

    [Test]
    public async Task What_is_wanted_is_what_all_subscriptions_that_match_want_together()
    {
        await SubscribeAsync("a", "org.b,org.a", 10_000, "client_id=ra.");
        await SubscribeAsync("b", "org.a,org.c", 5_000, "client_source_address=127\\..*,client_id=raw");
        await SubscribeAsync("c", "*", 1_000, "client_id=ra");
        GetTelemetrySubscriptionsResponse some = await AskAsync(Me);
        await SubscribeAsync("d", "*", 20_000);
        GetTelemetrySubscriptionsResponse all = await AskAsync(Me);

        Assert.That(some.RequestedMetrics, Is.EqualTo(new[] { "org.a", "org.b", "org.c" }));
        Assert.That(some.PushIntervalMs, Is.EqualTo(5_000));
        Assert.That((some.DeltaTemporality, some.TelemetryMaxBytes, some.AcceptedCompressionTypes.Count), Is.EqualTo((true, 1 << 20, 4)));
        Assert.That(all.RequestedMetrics, Is.EqualTo(new[] { "*" }));
        Assert.That((all.ErrorCode, all.ClientInstanceId), Is.EqualTo((ErrorCode.None, Me)), "a demand that has changed is told at once");
        Assert.That(all.SubscriptionId, Is.Not.EqualTo(some.SubscriptionId));
    }

    [Test]
    public async Task A_push_is_taken_by_any_broker_and_refused_when_the_subscription_has_changed([Values] CompressionType compression)
    {
        byte[] metrics = [.. Enumerable.Range(0, 200).Select(i => (byte)(i / 10))];
        await SubscribeAsync("a", "*", 1_000);
        int id = (await AskAsync(Me)).SubscriptionId;
        using RawClient other = await RawClient.ConnectAsync(Cluster, 2, Bound);

        ErrorCode here = await PushAsync(Client, id, compression, metrics);
        ErrorCode there = await PushAsync(other, id, compression, metrics);
        ErrorCode again = await PushAsync(Client, id, compression, metrics);
        await SubscribeAsync("a", "org.a", 1_000);
        ErrorCode old = await PushAsync(Client, id, compression, metrics);

        Assert.That((here, there, again, old), Is.EqualTo((ErrorCode.None, ErrorCode.None, ErrorCode.ThrottlingQuotaExceeded, ErrorCode.UnknownSubscriptionId)));
        Assert.That(Unpack(Cluster.Received<PushTelemetryRequest>()[0]), Is.EqualTo(metrics), "a test can look at them");
    }

    [Test]
    public async Task What_cannot_be_unpacked_or_has_no_sender_is_refused()
    {
        int id = (await AskAsync(Me)).SubscriptionId;
        var nameless = new PushTelemetryRequest { SubscriptionId = id };
        var garbage = new PushTelemetryRequest { ClientInstanceId = Me, SubscriptionId = id, CompressionType = (sbyte)CompressionType.Gzip, Metrics = new byte[] { 1, 2, 3 } };

        Assert.That((await Client.SendAsync(nameless, 0, Bound)).ErrorCode, Is.EqualTo(ErrorCode.InvalidRequest));
        Assert.That((await Client.SendAsync(garbage, 0, Bound)).ErrorCode, Is.EqualTo(ErrorCode.InvalidRecord));
    }

    [Test]
    public async Task A_client_that_was_silent_for_long_is_forgotten()
    {
        int id = (await AskAsync(Me)).SubscriptionId;
        Assert.That(await PushAsync(Client, id, CompressionType.None, [], isTerminating: true), Is.EqualTo(ErrorCode.None));
        Assert.That(await PushAsync(Client, id, CompressionType.None, []), Is.EqualTo(ErrorCode.InvalidRequest));
        _time.Advance(TimeSpan.FromMinutes(16));

        Assert.That(await PushAsync(Client, id, CompressionType.None, []), Is.EqualTo(ErrorCode.None));
    }

    [TestCase("client_id")]
    [TestCase("planet=mars")]
    [TestCase("client_id=[")]
    public async Task A_pattern_that_cannot_be_read_is_refused(string match) =>
        Assert.That(await Client.SetConfigsAsync(ConfigResourceType.ClientMetrics, "a", Bound, ("match", match)), Is.EqualTo(ErrorCode.InvalidConfig));

    public static byte[] Unpack(PushTelemetryRequest push)
    {
        var type = (CompressionType)push.CompressionType;
        if (type == CompressionType.None)
        {
            return push.Metrics.ToArray();
        }

        var unpacked = new ArrayBufferWriter<byte>();
        Protocol.Records.CompressionCodecs.Default.Get(type).Decompress(push.Metrics, unpacked, 1 << 20);
        return unpacked.WrittenSpan.ToArray();
    }

    private async Task SubscribeAsync(string name, string metrics, int intervalMs, string match = "") =>
        Assert.That(
            await Client.SetConfigsAsync(ConfigResourceType.ClientMetrics, name, Bound, ("metrics", metrics), ("interval.ms", $"{intervalMs}"), ("match", match)),
            Is.EqualTo(ErrorCode.None));

    private Task<GetTelemetrySubscriptionsResponse> AskAsync(Guid id) => Client.SendAsync(new GetTelemetrySubscriptionsRequest { ClientInstanceId = id }, 0, Bound);

    private static async Task<ErrorCode> PushAsync(RawClient client, int subscription, CompressionType compression, byte[] metrics, bool isTerminating = false)
    {
        var packed = new ArrayBufferWriter<byte>();
        if (compression == CompressionType.None)
        {
            packed.Write(metrics);
        }
        else
        {
            Protocol.Records.CompressionCodecs.Default.Get(compression).Compress(metrics, packed);
        }

        var push = new PushTelemetryRequest
        {
            ClientInstanceId = Me,
            SubscriptionId = subscription,
            CompressionType = (sbyte)compression,
            Metrics = packed.WrittenMemory,
            Terminating = isTerminating,
        };
        return (await client.SendAsync(push, 0, Bound)).ErrorCode;
    }
}
