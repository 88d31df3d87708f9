using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Quotas;

namespace Milena.Kafka.Testing.Tests.Quotas;

/// <summary>Clients that go beyond their quota are told so and kept silent, by the cluster's clock.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ClientQuotaTests : QuotaTest
{
    private const string User = "ANONYMOUS";

    [Test]
    public void The_most_particular_quota_holds()
    {
        QuotaEntity[] byPrecedence =
        [
            Entity("alice", "app"), Entity("alice", ""), Entity("alice", null), Entity("", "app"), Entity("", ""), Entity("", null), Entity(null, "app"), Entity(null, ""),
        ];
        var quotas = new ClientQuotas(Time);
        for (int i = byPrecedence.Length - 1; i >= 0; i--)
        {
            quotas.Alter(byPrecedence[i], [(QuotaKeys.ProducerByteRate, i + 1)]);
            Assert.That(quotas.LimitOf(QuotaKeys.ProducerByteRate, "alice", "app")!.Value.PerSecond, Is.EqualTo(i + 1));
        }

        Assert.That(quotas.LimitOf(QuotaKeys.ProducerByteRate, "alice", "other")!.Value, Is.EqualTo(new QuotaLimit(2, "alice", "other")));
        Assert.That(quotas.LimitOf(QuotaKeys.ProducerByteRate, "bob", "other")!.Value, Is.EqualTo(new QuotaLimit(5, "bob", "other")));
        Assert.That(quotas.LimitOf(QuotaKeys.ConsumerByteRate, "alice", "app"), Is.Null);
    }

    [Test]
    public async Task A_producer_beyond_its_quota_is_answered_and_then_kept_silent()
    {
        Cluster.CreateTopic(Requests.Topic);
        await SetAsync(QuotaKeys.ProducerByteRate, 100, clientId: RawClient.ClientId);

        ProduceResponse first = await Client.SendAsync(Requests.Produce(Requests.Batch(new string('x', 500))), 9, Bound);
        ProduceResponse second = await Client.SendAsync(Requests.Produce(Requests.Batch(new string('x', 1000))), 9, Bound);
        await Client.SendOnlyAsync(new MetadataRequest(), 9, Bound);
        await Time.WaitForTimerAsync(Bound);

        Assert.That(first.ThrottleTimeMs, Is.Zero);
        Assert.That(second.Responses[0].PartitionResponses[0].ErrorCode, Is.EqualTo(ErrorCode.None), "what came is stored");
        Assert.That(second.ThrottleTimeMs, Is.InRange(5_000, 8_000));
        Assert.That(Cluster.ReceivedCount(ApiKey.Metadata), Is.Zero);
        Time.Advance(TimeSpan.FromMilliseconds(second.ThrottleTimeMs));
        await Client.ReceiveAsync<MetadataResponse>(Apis.Metadata, 9, Bound);
    }

    [Test]
    public async Task A_consumer_beyond_its_quota_gets_an_empty_answer_and_the_records_later()
    {
        Cluster.CreateTopic(Requests.Topic);
        for (int i = 0; i < 3; i++)
        {
            await Client.SendAsync(Requests.Produce(Requests.Batch(new string('x', 600))), 9, Bound);
        }

        await SetAsync(QuotaKeys.ConsumerByteRate, 300);
        FetchResponse first = await FetchAsync(0);
        FetchResponse second = await FetchAsync(0);
        await Time.WaitForTimerAsync(Bound);
        Time.Advance(TimeSpan.FromMilliseconds(second.ThrottleTimeMs));
        Time.Advance(TimeSpan.FromSeconds(20));
        FetchResponse third = await FetchAsync(0);

        Assert.That(first.ThrottleTimeMs, Is.Zero);
        Assert.That(first.Responses[0].Partitions[0].Records!.Value.Length, Is.InRange(1_800, 2_500));
        Assert.That((second.ThrottleTimeMs > 0, second.Responses.Count), Is.EqualTo((true, 0)));
        Assert.That(third.Responses[0].Partitions[0].Records!.Value.Length, Is.EqualTo(first.Responses[0].Partitions[0].Records!.Value.Length));
    }

    [Test]
    public async Task No_answer_is_larger_than_what_a_quota_lets_through_at_all()
    {
        Cluster.CreateTopic(Requests.Topic);
        await Client.SendAsync(Requests.Produce(Requests.Batch(new string('x', 600))), 9, Bound);
        await Client.SendAsync(Requests.Produce(Requests.Batch(new string('x', 5000))), 9, Bound);
        await SetAsync(QuotaKeys.ConsumerByteRate, 80);

        FetchResponse answer = await FetchAsync(0);

        Assert.That(answer.ThrottleTimeMs, Is.InRange(1, 1_000), "a little beyond, for what is around the records");
    }

    [Test]
    public async Task Time_on_a_brokers_threads_is_charged_for_every_api()
    {
        await SetAsync(QuotaKeys.RequestPercentage, 1e-9);

        MetadataResponse answer = await Client.SendAsync(new MetadataRequest(), 9, Bound);

        Assert.That(answer.ThrottleTimeMs, Is.EqualTo(1000), "the longest that this quota keeps silent");
    }

    [Test]
    public async Task A_quota_that_is_removed_holds_no_more()
    {
        Cluster.CreateTopic(Requests.Topic);
        await SetAsync(QuotaKeys.ProducerByteRate, 1);
        await SetAsync(QuotaKeys.ProducerByteRate, null);

        ProduceResponse answer = await Client.SendAsync(Requests.Produce(Requests.Batch(new string('x', 500))), 9, Bound);

        Assert.That(answer.ThrottleTimeMs, Is.Zero);
    }

    private static QuotaEntity Entity(string? user, string? clientId) => new(Name(user), Name(clientId), null);

    // Empty stands for the default, null for nothing.
    private static QuotaName? Name(string? name) => name is null ? null : new QuotaName(name.Length == 0 ? null : name);

    private Task<FetchResponse> FetchAsync(long offset) => Client.SendAsync(Requests.Fetch(offset), 11, Bound);

    private async Task SetAsync(string key, double? value, string? clientId = null)
    {
        // The connection under test must not be kept silent by what it took to set the quota.
        using RawClient admin = await RawClient.ConnectAsync(Cluster, 1, Bound);
        await SetAsync(admin, key, value, clientId is null ? ("user", User) : ("client-id", clientId));
    }
}
