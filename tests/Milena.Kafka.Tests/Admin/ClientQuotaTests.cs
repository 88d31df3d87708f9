using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Client quotas as an administrator sets and reads them, against the embedded cluster.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class ClientQuotaTests : AccessTest
{
    [TestCase((short)1)]
    [TestCase((short)0)]
    public async Task Quotas_are_set_found_and_removed(short version, CancellationToken cancellationToken)
    {
        Cluster.MaxVersion(ApiKey.AlterClientQuotas, version);
        Cluster.MaxVersion(ApiKey.DescribeClientQuotas, version);
        (await Admin.AlterClientQuotasAsync(
            [
                Quota(ClientQuotaEntity.User("alice"), (ClientQuotaKeys.ProducerByteRate, 1000), (ClientQuotaKeys.RequestPercentage, 12.5)),
                Quota(ClientQuotaEntity.User(null), (ClientQuotaKeys.ConsumerByteRate, 5)),
                Quota(ClientQuotaEntity.UserAndClientId("alice", null), (ClientQuotaKeys.ProducerByteRate, 7)),
                Quota(ClientQuotaEntity.ClientId("app"), (ClientQuotaKeys.ProducerByteRate, 9)),
                Quota(ClientQuotaEntity.Ip("10.0.0.1"), (ClientQuotaKeys.ConnectionCreationRate, 3)),
            ],
            cancellationToken: cancellationToken)).ThrowIfAnyFailed();

        IReadOnlyDictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double>> all = await Admin.DescribeClientQuotasAsync(cancellationToken: cancellationToken);
        (await Admin.AlterClientQuotasAsync([Quota(ClientQuotaEntity.User("alice"), (ClientQuotaKeys.ProducerByteRate, null))], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        (await Admin.AlterClientQuotasAsync([Quota(ClientQuotaEntity.ClientId("app"), (ClientQuotaKeys.ProducerByteRate, null))], cancellationToken: cancellationToken)).ThrowIfAnyFailed();

        Assert.That(all, Has.Count.EqualTo(5));
        Assert.That(all[ClientQuotaEntity.User("alice")], Is.EquivalentTo(new Dictionary<string, double> { [ClientQuotaKeys.ProducerByteRate] = 1000, [ClientQuotaKeys.RequestPercentage] = 12.5 }));
        Assert.That(await FoundAsync(strict: false, ClientQuotaFilterComponent.Named("user", "alice")), Is.EquivalentTo(new[] { ClientQuotaEntity.User("alice"), ClientQuotaEntity.UserAndClientId("alice", null) }));
        Assert.That(await FoundAsync(strict: true, ClientQuotaFilterComponent.Named("user", "alice")), Is.EqualTo(new[] { ClientQuotaEntity.User("alice") }));
        Assert.That(await FoundAsync(strict: true, ClientQuotaFilterComponent.Default("user")), Is.EqualTo(new[] { ClientQuotaEntity.User(null) }));
        Assert.That(await FoundAsync(strict: true, ClientQuotaFilterComponent.Any("user")), Is.EquivalentTo(new[] { ClientQuotaEntity.User("alice"), ClientQuotaEntity.User(null) }));
        Assert.That((await Admin.DescribeClientQuotasAsync(cancellationToken: cancellationToken))[ClientQuotaEntity.User("alice")].Keys, Is.EqualTo(new[] { ClientQuotaKeys.RequestPercentage }));
        Assert.That((await Admin.DescribeClientQuotasAsync(cancellationToken: cancellationToken)).Keys, Does.Not.Contain(ClientQuotaEntity.ClientId("app")));

        async Task<IEnumerable<ClientQuotaEntity>> FoundAsync(bool strict, params ClientQuotaFilterComponent[] components) =>
            (await Admin.DescribeClientQuotasAsync(new ClientQuotaFilter { Components = components, Strict = strict }, cancellationToken: cancellationToken)).Keys;
    }

    [Test]
    public async Task What_is_only_validated_changes_nothing_and_each_entity_has_its_answer(CancellationToken cancellationToken)
    {
        ClientQuotaEntity good = ClientQuotaEntity.User("alice");
        ClientQuotaEntity odd = new([new("planet", "mars")]);
        ClientQuotaEntity mixed = new([new("ip", "10.0.0.1"), new("user", "alice")]);
        ClientQuotaEntity half = ClientQuotaEntity.ClientId("app");

        AdminOutcome<ClientQuotaEntity> outcome = await Admin.AlterClientQuotasAsync(
            [
                Quota(good, (ClientQuotaKeys.ProducerByteRate, 1)),
                Quota(odd, (ClientQuotaKeys.ProducerByteRate, 1)),
                Quota(mixed, (ClientQuotaKeys.ConnectionCreationRate, 1)),
                Quota(half, (ClientQuotaKeys.ProducerByteRate, 1.5)),
            ],
            new AdminChangeOptions { ValidateOnly = true },
            cancellationToken);

        Assert.That(outcome.Succeeded, Is.EqualTo(new[] { good }));
        Assert.That(outcome.Failures.Keys, Is.EquivalentTo(new[] { odd, mixed, half }));
        Assert.That(outcome.Failures.Values.Select(f => f.Code), Has.All.EqualTo(ErrorCode.InvalidRequest));
        Assert.That(outcome.Failures[half].Message, Does.Contain("client-id 'app'").And.Contain("must be a Long value"));
        Assert.That(await Admin.DescribeClientQuotasAsync(cancellationToken: cancellationToken), Is.Empty);
    }

    [Test]
    public async Task Others_may_not_and_the_controller_is_found_again(CancellationToken cancellationToken)
    {
        AdminClient alice = AdminOfAlice();
        Cluster.FailNext(ApiKey.AlterClientQuotas, ErrorCode.NotController);

        AdminOutcome<ClientQuotaEntity> denied = await alice.AlterClientQuotasAsync([Quota(ClientQuotaEntity.User("alice"), (ClientQuotaKeys.ProducerByteRate, 1))], cancellationToken: cancellationToken);

        Assert.That(denied.Failures.Values.Single(), Is.TypeOf<AuthorizationException>());
        Assert.That(Cluster.ReceivedCount(ApiKey.AlterClientQuotas), Is.EqualTo(2));
        Assert.That(() => alice.DescribeClientQuotasAsync(cancellationToken: cancellationToken), Throws.TypeOf<AuthorizationException>());
        Assert.That(
            () => Admin.DescribeClientQuotasAsync(new ClientQuotaFilter { Components = [ClientQuotaFilterComponent.Any("planet")] }, cancellationToken: cancellationToken),
            Throws.TypeOf<KafkaException>().With.Message.Contains("planet"));
    }

    [Test]
    public async Task Brokers_from_before_quotas_say_so(CancellationToken cancellationToken)
    {
        Cluster.HideApi(ApiKey.DescribeClientQuotas);

        Assert.That(() => Admin.DescribeClientQuotasAsync(cancellationToken: cancellationToken), Throws.TypeOf<UnsupportedVersionException>());
        await Task.CompletedTask;
    }

    private static ClientQuotaAlteration Quota(ClientQuotaEntity entity, params (string Key, double? Value)[] values) => new(entity, values.ToDictionary(v => v.Key, v => v.Value));
}
