using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Security;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Delegation tokens as a client gets, renews and ends them, against the embedded cluster, where they are shown to log in.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class DelegationTokenTests : AccessTest
{
    private readonly ManualTimeProvider _time = new();

    public DelegationTokenTests() => Time = _time;

    [TestCase((short)3)]
    [TestCase((short)1)]
    public async Task A_token_logs_in_as_its_owner(short version, CancellationToken cancellationToken)
    {
        Cluster.MaxVersion(ApiKey.CreateDelegationToken, version);
        Cluster.MaxVersion(ApiKey.DescribeDelegationToken, version);
        Cluster.AddAcl(new TestAcl(ResourceType.Cluster, "kafka-cluster", Alice, AclOperation.Describe));
        DelegationToken token = await AdminOfAlice().CreateDelegationTokenAsync(
            new CreateDelegationTokenOptions { Renewers = [KafkaPrincipal.User("bob")], MaxLifetime = TimeSpan.FromHours(2) }, cancellationToken);

        AdminClient bearer = AdminOf(Client(Login(token)));

        Assert.That(await bearer.DescribeAclsAsync(cancellationToken: cancellationToken), Has.Count.EqualTo(1), "what alice may");
        Assert.That((token.Owner, token.Requester), Is.EqualTo((KafkaPrincipal.User("alice"), KafkaPrincipal.User("alice"))));
        Assert.That((token.ExpiresAt, token.MaxExpiresAt), Is.EqualTo((_time.GetUtcNow().AddHours(2), _time.GetUtcNow().AddHours(2))));
        DelegationToken listed = (await AdminOfAlice().DescribeDelegationTokensAsync(cancellationToken: cancellationToken)).Single();
        Assert.That((listed.TokenId, listed.Password, listed.Renewers.Single()), Is.EqualTo((token.TokenId, token.Password, KafkaPrincipal.User("bob"))));
        Assert.That(
            () => bearer.CreateDelegationTokenAsync(cancellationToken: cancellationToken),
            Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.DelegationTokenRequestNotAllowed), "a token begets none");
    }

    [Test]
    public async Task A_token_lives_until_its_time_unless_it_is_renewed_and_not_longer_than_it_may(CancellationToken cancellationToken)
    {
        AdminClient alice = AdminOfAlice();
        DelegationToken token = await alice.CreateDelegationTokenAsync(new CreateDelegationTokenOptions { MaxLifetime = TimeSpan.FromHours(30) }, cancellationToken);
        Assert.That(token.ExpiresAt, Is.EqualTo(token.IssuedAt.AddDays(1)));

        _time.Advance(TimeSpan.FromHours(20));
        DateTimeOffset renewed = await alice.RenewDelegationTokenAsync(token.Hmac, cancellationToken: cancellationToken);
        DateTimeOffset shortened = await alice.RenewDelegationTokenAsync(token.Hmac, TimeSpan.FromHours(1), cancellationToken: cancellationToken);
        await AdminOf(Client(Login(token))).ListGroupsAsync(cancellationToken: cancellationToken);
        _time.Advance(TimeSpan.FromHours(2));

        Assert.That(renewed, Is.EqualTo(token.MaxExpiresAt));
        Assert.That(shortened, Is.EqualTo(token.IssuedAt.AddHours(21)));
        Assert.That(() => AdminOf(Client(Login(token))).ListGroupsAsync(cancellationToken: cancellationToken), Throws.TypeOf<AuthenticationException>());
        Assert.That(() => alice.RenewDelegationTokenAsync(token.Hmac, cancellationToken: cancellationToken), Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.DelegationTokenExpired));
        Assert.That(await alice.DescribeDelegationTokensAsync(cancellationToken: cancellationToken), Is.Empty);
    }

    [Test]
    public async Task A_token_that_was_ended_is_gone(CancellationToken cancellationToken)
    {
        AdminClient alice = AdminOfAlice();
        DelegationToken token = await alice.CreateDelegationTokenAsync(cancellationToken: cancellationToken);

        DateTimeOffset later = await alice.ExpireDelegationTokenAsync(token.Hmac, TimeSpan.FromMinutes(5), cancellationToken: cancellationToken);
        DateTimeOffset now = await alice.ExpireDelegationTokenAsync(token.Hmac, cancellationToken: cancellationToken);

        Assert.That((later, now), Is.EqualTo((_time.GetUtcNow().AddMinutes(5), _time.GetUtcNow())));
        Assert.That(() => alice.ExpireDelegationTokenAsync(token.Hmac, cancellationToken: cancellationToken), Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.DelegationTokenNotFound));
        Assert.That(() => AdminOf(Client(Login(token))).ListGroupsAsync(cancellationToken: cancellationToken), Throws.TypeOf<AuthenticationException>());
    }

    [Test]
    public async Task Only_those_who_may_touch_or_see_a_token_do(CancellationToken cancellationToken)
    {
        DelegationToken own = await Admin.CreateDelegationTokenAsync(cancellationToken: cancellationToken);
        AdminClient alice = AdminOfAlice();

        Assert.That(() => alice.RenewDelegationTokenAsync(own.Hmac, cancellationToken: cancellationToken), Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.DelegationTokenOwnerMismatch));
        Assert.That(await alice.DescribeDelegationTokensAsync(cancellationToken: cancellationToken), Is.Empty);
        Assert.That(
            () => alice.CreateDelegationTokenAsync(new CreateDelegationTokenOptions { Owner = KafkaPrincipal.User("bob") }, cancellationToken),
            Throws.TypeOf<AuthorizationException>().With.Property("Code").EqualTo(ErrorCode.DelegationTokenAuthorizationFailed));

        Cluster.AddAcl(new TestAcl(ResourceType.DelegationToken, own.TokenId, Alice, AclOperation.Describe));
        Cluster.AddAcl(new TestAcl(ResourceType.User, "User:bob", Alice, AclOperation.CreateTokens));
        DelegationToken forBob = await alice.CreateDelegationTokenAsync(new CreateDelegationTokenOptions { Owner = KafkaPrincipal.User("bob") }, cancellationToken);

        Assert.That((forBob.Owner, forBob.Requester), Is.EqualTo((KafkaPrincipal.User("bob"), KafkaPrincipal.User("alice"))));
        Assert.That((await alice.DescribeDelegationTokensAsync(cancellationToken: cancellationToken)).Select(t => t.TokenId), Is.EquivalentTo(new[] { own.TokenId, forBob.TokenId }));
        Assert.That((await alice.DescribeDelegationTokensAsync([KafkaPrincipal.User("bob")], cancellationToken: cancellationToken)).Select(t => t.TokenId), Is.EqualTo(new[] { forBob.TokenId }));
        Assert.That(await alice.DescribeDelegationTokensAsync([], cancellationToken: cancellationToken), Is.Empty);
    }

    [Test]
    public void An_owner_that_an_old_broker_cannot_be_told_is_refused()
    {
        Cluster.MaxVersion(ApiKey.CreateDelegationToken, 2);

        Assert.That(() => Admin.CreateDelegationTokenAsync(new CreateDelegationTokenOptions { Owner = KafkaPrincipal.User("bob") }), Throws.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task Without_SASL_there_are_no_tokens(CancellationToken cancellationToken)
    {
        await using TestCluster open = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(open.BootstrapServers);

        Assert.That(
            () => kafka.CreateAdmin().DescribeDelegationTokensAsync(cancellationToken: cancellationToken),
            Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.DelegationTokenRequestNotAllowed));
    }

    [Test]
    public async Task A_secret_is_in_no_text(CancellationToken cancellationToken)
    {
        DelegationToken token = await Admin.CreateDelegationTokenAsync(cancellationToken: cancellationToken);

        Assert.That(token.ToString(), Does.Contain(token.TokenId).And.Not.Contain(token.Password).And.Not.Contain(Convert.ToHexString(token.Hmac.Span)));
    }

    private static SaslScram Login(DelegationToken token)
    {
        SaslScram scram = SaslScram.Sha512(token.TokenId, token.Password);
        scram.IsDelegationToken = true;
        return scram;
    }
}
