using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Quotas;

namespace Milena.Kafka.Testing.Tests.Quotas;

/// <summary>Addresses that connect more often than their quota allows have their connections closed, after a while (KIP-612).</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ConnectionQuotaTests : QuotaTest
{
    private const string Host = "127.0.0.1";

    protected override int Brokers => 2;

    [TestCase(Host)]
    [TestCase(null)]
    public async Task A_connection_too_many_is_held_and_then_closed_unserved(string? ip)
    {
        await SetAsync(QuotaKeys.ConnectionCreationRate, 1, ("ip", ip));
        for (int i = 0; i < 10; i++)
        {
            await AskOnceAsync(1);
        }

        using RawClient tooMany = await RawClient.ConnectAsync(Cluster, 1, Bound);
        await tooMany.SendOnlyAsync(new MetadataRequest(), 9, Bound);
        await Time.WaitForTimerAsync(Bound);
        long received = Cluster.ReceivedCount(ApiKey.Metadata);
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await tooMany.ReceiveFrameAsync(Bound), Is.Null);
        Assert.That(Cluster.ReceivedCount(ApiKey.Metadata), Is.EqualTo(received));
        await AskOnceAsync(2);
        Time.Advance(TimeSpan.FromSeconds(10));
        await AskOnceAsync(1);
    }

    [Test]
    public async Task An_address_with_a_quota_of_its_own_does_not_have_that_of_all()
    {
        await SetAsync(QuotaKeys.ConnectionCreationRate, 1, ("ip", null));
        await SetAsync(QuotaKeys.ConnectionCreationRate, 10, ("ip", Host));

        for (int i = 0; i < 50; i++)
        {
            await AskOnceAsync(1);
        }
    }

    private async Task AskOnceAsync(int brokerId)
    {
        using RawClient client = await RawClient.ConnectAsync(Cluster, brokerId, Bound);
        await client.SendAsync(new MetadataRequest(), 9, Bound);
    }
}
