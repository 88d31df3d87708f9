using System.Net;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Security;

/// <summary>Kerberos with a real key distribution centre: our client, the embedded cluster's side, MIT's tickets.</summary>
[CancelAfter(120_000)]
public class GssapiTests
{
    private KerberosRealm _realm = null!;

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

    [TestCase("alice", true)]
    [TestCase("bob", false)]
    public async Task Without_a_password_the_cache_of_tickets_or_the_clients_keytab_serves(string user, bool isCache, CancellationToken cancellationToken)
    {
        var rights = new TestAuthorizationOptions { SuperUsers = { $"User:{user}" } };
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("GSSAPI"), Authorization = rights }, cancellationToken);
        await (isCache ? _realm.SignInAsync(user, cancellationToken) : _realm.ExportKeysAsync(user, cancellationToken));

        try
        {
            await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Sasl(new SaslGssapi()), cancellationToken);
        }
        finally
        {
            _realm.SignOut();
        }
    }

    [Test]
    public async Task Without_any_credential_it_is_told_what_is_missing(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("GSSAPI") }, cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Sasl(new SaslGssapi()), cancellationToken);

        Assert.That(failure.Message, Does.Contain("kinit"));
    }

    /// <summary>Of passwords that are wrong, that are right but do not help, and that never come to be used.</summary>
    [TestCase("TopSecret-9f8e7d", "GSSAPI", "kafka")]
    [TestCase(KerberosRealm.UserPassword, "GSSAPI", "nobody")]
    [TestCase(KerberosRealm.UserPassword, "PLAIN", "kafka")]
    [TestCase(KerberosRealm.UserPassword, "dropped", "kafka")]
    public async Task No_password_is_seen_of_a_client_that_fails(string password, string broker, string service, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl(broker == "PLAIN" ? "PLAIN" : "GSSAPI") }, cancellationToken);
        if (broker == "dropped")
        {
            cluster.DropConnection(ApiKey.SaslAuthenticate, new FaultScope { Count = int.MaxValue });
        }

        SaslGssapi mechanism = Kerberos(password);
        mechanism.ServiceName = service;
        SecretsSweep.AssertNone(await SecretsSweep.RunAsync(cluster, () => SecureCluster.Sasl(mechanism), TimeSpan.FromSeconds(2), cancellationToken), password);
    }

    [Test]
    public async Task Javas_server_lets_our_client_in(CancellationToken cancellationToken)
    {
        await using JavaGssapiServer server = await JavaGssapiServer.StartAsync(_realm, KerberosRealm.Service, cancellationToken);

        await using Connection connection = await OpenAsync(server, "alice", cancellationToken);

        await server.Process.UntilAsync(lines => lines.Contains($"in alice@{KerberosRealm.Realm}"), cancellationToken);
        Assert.That((await connection.SendAsync(new ApiVersionsRequest(), new RequestOptions { MaxVersion = 0 }, cancellationToken)).ApiKeys, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Javas_server_refuses_a_principal_that_has_no_right_and_another_services_ticket([Values] bool isOtherService, CancellationToken cancellationToken)
    {
        await using JavaGssapiServer server = await JavaGssapiServer.StartAsync(_realm, isOtherService ? KerberosRealm.OtherService : KerberosRealm.Service, cancellationToken);

        AuthenticationException failure = (await Assert.ThrowsAsync<AuthenticationException>(() => OpenAsync(server, isOtherService ? "alice" : "bob", cancellationToken)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.SaslAuthenticationFailed));
        Assert.That(failure.Mechanism, Is.EqualTo("GSSAPI"));
        Assert.That(failure.Message, Does.Contain(isOtherService ? "GSS initiate failed" : "is not authorized"));
    }

    [TestCase(0)]
    [TestCase(1)]
    public async Task The_embedded_cluster_lets_Javas_client_in(int handshake, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("GSSAPI") }, cancellationToken);
        string[] address = cluster.BootstrapServers.Split(':');

        ProcessResult result = await JavaGssapiServer.RunClientAsync(_realm, [address[0], address[1], "kafka", "alice", $"{handshake}"], cancellationToken);

        Assert.That(result.EnsureSuccess().Lines, Is.EqualTo(new[] { "in 1" }));
    }

    [Test]
    public async Task Nonsense_in_the_place_of_a_ticket_is_refused_by_the_client(CancellationToken cancellationToken)
    {
        var random = new Random(7);
        for (int run = 0; run < 50; run++)
        {
            using ISaslExchange exchange = await Kerberos(KerberosRealm.UserPassword).StartAsync(new SaslTarget("127.0.0.1", 9092), cancellationToken);
            await exchange.RespondAsync(default, cancellationToken);
            byte[] nonsense = new byte[random.Next(1, 300)];
            random.NextBytes(nonsense);

            Assert.That(async () => await exchange.RespondAsync(nonsense, cancellationToken), Throws.TypeOf<InvalidDataException>());
        }
    }

    [Test]
    public async Task Nonsense_in_the_place_of_a_ticket_is_refused_by_the_embedded_cluster(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("GSSAPI") }, cancellationToken);
        var nonsense = new Nonsense(new Random(8));
        for (int run = 0; run < 50; run++)
        {
            AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Sasl(nonsense), cancellationToken);
            Assert.That(failure.Message, Does.Contain("GSSAPI failed"));
        }

        Assert.That(cluster.Errors, Is.Empty);
    }

    private static Task<Connection> OpenAsync(JavaGssapiServer server, string user, CancellationToken cancellationToken) =>
        Connection.OpenAsync(server.Endpoint, new ConnectionOptions { Sasl = Kerberos(KerberosRealm.UserPassword, user) }, new TcpConnector(), cancellationToken);

    private static SaslGssapi Kerberos(string password, string user = "alice") => new(_ => new(new NetworkCredential(user, password, KerberosRealm.Realm)));

    /// <summary>Claims to be GSSAPI, and sends what comes.</summary>
    private sealed class Nonsense(Random random) : ISaslMechanism, ISaslExchange
    {
        public string Name => "GSSAPI";

        public ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken) => new(this);

        public ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken)
        {
            byte[] token = new byte[random.Next(1, 300)];
            random.NextBytes(token);
            return new(token.AsMemory());
        }

        public void Dispose()
        {
        }
    }
}
