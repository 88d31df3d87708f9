using System.Net;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Security;

/// <summary>Kerberos with a real key distribution centre: our client, the embedded cluster's side, MIT's tickets.</summary>
[CancelAfter(120_000)]
public class GssapiTests
{
    private KerberosRealm? _realm;

    [OneTimeSetUp]
    public async Task StartRealmAsync()
    {
        if (!KerberosRealm.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        _realm = await KerberosRealm.StartAsync(TestContext.CurrentContext.CancellationToken);
    }

    [OneTimeTearDown]
    public async Task StopRealmAsync()
    {
        if (_realm is not null)
        {
            await _realm.DisposeAsync();
        }
    }

    [Test]
    public async Task A_principal_with_the_right_password_is_let_in_under_its_short_name(CancellationToken cancellationToken)
    {
        var rights = new TestAuthorizationOptions { SuperUsers = { "User:alice" } };
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("GSSAPI"), Authorization = rights }, cancellationToken);

        await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Sasl(Kerberos(KerberosRealm.UserPassword)), cancellationToken);
    }

    [Test]
    public async Task A_wrong_password_is_told_without_a_word_to_the_broker(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("GSSAPI") }, cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Sasl(Kerberos("wrong")), cancellationToken);

        Assert.That(failure.Mechanism, Is.EqualTo("GSSAPI"));
        Assert.That(failure.Message, Does.Contain("kafka/127.0.0.1"));
        Assert.That(cluster.Received(ApiKey.SaslAuthenticate), Is.Empty);
    }

    [Test]
    public async Task A_service_that_the_realm_does_not_know_is_told(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("GSSAPI") }, cancellationToken);
        SaslGssapi mechanism = Kerberos(KerberosRealm.UserPassword);
        mechanism.ServiceName = "nobody";

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Sasl(mechanism), cancellationToken);

        Assert.That(failure.Message, Does.Contain("nobody/127.0.0.1"));
    }

    private static SaslGssapi Kerberos(string password) => new(_ => new(new NetworkCredential("alice", password, KerberosRealm.Realm)));
}
