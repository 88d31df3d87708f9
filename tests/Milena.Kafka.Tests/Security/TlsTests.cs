using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Security;

/// <summary>TLS with the embedded cluster: good certificates, and each bad one with the exception that it gets.</summary>
[CancelAfter(60_000)]
[Parallelizable(ParallelScope.Fixtures)]
public class TlsTests
{
    private const int CertificatesRenewed = 600;

    private static readonly TestCertificates Certificates = new();

    [TestCase(SslProtocols.Tls12)]
    [TestCase(SslProtocols.Tls13)]
    public async Task A_record_is_stored_over_TLS(SslProtocols version, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates, Versions = version }, cancellationToken);

        await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Tls(Certificates), cancellationToken);
    }

    [Test]
    public async Task Many_large_records_come_back_over_TLS(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates }, cancellationToken);
        await using KafkaClient kafka = SecureCluster.Client(cluster, SecureCluster.Tls(Certificates));
        await using Producer<int, byte[]> producer = kafka.CreateProducer<int, byte[]>();
        await using Consumer<int, byte[]> consumer = kafka.CreateConsumer<int, byte[]>();
        byte[] value = new byte[50_000];
        new Random(7).NextBytes(value);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => producer.ProduceAsync(SecureCluster.Topic, i, value, cancellationToken).AsTask()));
        await consumer.AssignTopicAsync(SecureCluster.Topic, StartPosition.Beginning, cancellationToken);
        int read = 0;
        await foreach (ConsumeResult<int, byte[]> record in consumer.ConsumeAsync(cancellationToken))
        {
            Assert.That(record.Value.AsSpan().SequenceEqual(value));
            if (++read == 200)
            {
                break;
            }
        }
    }

    [Test]
    public async Task A_certificate_that_is_not_trusted_is_refused_with_its_reason(
        [Values("expired", "self-signed", "wrong host", "wrong authority")] string kind, CancellationToken cancellationToken)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        (X509Certificate2 shown, string reason) = kind switch
        {
            "expired" => (Certificates.CreateServer(["127.0.0.1"], now.AddDays(-30), now.AddDays(-1)), "expired or not yet valid"),
            "self-signed" => (new TestCertificates("self").Authority, "signed by itself"),
            "wrong host" => (Certificates.CreateServer("other.example"), "not for the host '127.0.0.1' but for other.example"),
            _ => (new TestCertificates("Another authority").CreateServer("127.0.0.1"), "an authority that is not trusted: CN=Another authority"),
        };
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates, ServerCertificate = () => shown }, cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Tls(Certificates), cancellationToken);

        Assert.That(failure.Message, Does.Contain(reason));
        Assert.That(failure.Mechanism, Is.EqualTo("TLS"));
        Assert.That(failure.Endpoint, Is.EqualTo(cluster.BootstrapServers));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_list_of_the_authority_is_asked_whether_a_certificate_is_revoked(bool isRevoked, CancellationToken cancellationToken)
    {
        using var authority = new RevokingAuthority();
        using X509Certificate2 shown = authority.CreateServer("127.0.0.1", isRevoked);
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates, ServerCertificate = () => shown }, cancellationToken);
        var security = new SecurityOptions { Protocol = SecurityProtocol.Ssl, Tls = { AuthorityPem = authority.Pem, RevocationMode = X509RevocationMode.Online } };

        if (isRevoked)
        {
            Assert.That((await SecureCluster.FailureAsync<AuthenticationException>(cluster, security, cancellationToken)).Message, Does.Contain("has been revoked"));
        }
        else
        {
            await SecureCluster.ProduceOneAsync(cluster, security, cancellationToken);
        }
    }

    [Test]
    public async Task The_systems_authorities_do_not_trust_ours(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates }, cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, new SecurityOptions { Protocol = SecurityProtocol.Ssl }, cancellationToken);

        Assert.That(failure.Message, Does.Contain("not trusted"));
    }

    [Test]
    public async Task Any_host_name_is_taken_only_by_the_option_that_says_how_dangerous_it_is(CancellationToken cancellationToken)
    {
        X509Certificate2 shown = Certificates.CreateServer("other.example");
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates, ServerCertificate = () => shown }, cancellationToken);
        SecurityOptions security = SecureCluster.Tls(Certificates);
        security.Tls.DangerouslyAcceptAnyHostName = true;

        await SecureCluster.ProduceOneAsync(cluster, security, cancellationToken);
    }

    [Test]
    public async Task A_callback_may_decide_instead(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates }, cancellationToken);
        var security = new SecurityOptions { Protocol = SecurityProtocol.Ssl, Tls = { ServerCertificateValidation = (_, certificate, _, _) => certificate!.Issuer == Certificates.Authority.Subject } };

        await SecureCluster.ProduceOneAsync(cluster, security, cancellationToken);
    }

    [Test]
    public async Task A_client_shows_its_certificate_in_every_form([Values("object", "pem", "pem files", "pfx", "provider")] string form, CancellationToken cancellationToken)
    {
        var acls = new TestAuthorizationOptions { SuperUsers = { "User:CN=alice" } };
        var tls = new TestTlsOptions { Certificates = Certificates, ClientCertificates = TestClientCertificates.Required };
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Tls = tls, Authorization = acls }, cancellationToken);
        using var files = new TemporaryFolder();
        using X509Certificate2 client = Certificates.CreateClient("alice");
        SecurityOptions security = SecureCluster.Tls(Certificates);
        switch (form)
        {
            case "object":
                security.Tls.ClientCertificate = client;
                break;
            case "pem":
                security.Tls.CertificatePem = client.ExportCertificatePem();
                security.Tls.KeyPem = client.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("key-secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
                security.Tls.KeyPassword = "key-secret";
                break;
            case "pem files":
                security.Tls.CertificateFile = files.Write("client.crt", client.ExportCertificatePem());
                security.Tls.KeyFile = files.Write("client.key", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
                break;
            case "pfx":
                security.Tls.CertificateFile = files.Write("client.p12", client.Export(X509ContentType.Pkcs12, "store-secret"));
                security.Tls.KeyPassword = "store-secret";
                break;
            default:
                security.Tls.ClientCertificateProvider = _ => new(client);
                break;
        }

        await SecureCluster.ProduceOneAsync(cluster, security, cancellationToken);
    }

    [Test]
    public async Task A_client_without_a_certificate_is_told_that_it_needs_one([Values(SslProtocols.Tls12, SslProtocols.Tls13)] SslProtocols version, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates, ClientCertificates = TestClientCertificates.Required, Versions = version }, cancellationToken);
        await using KafkaClient kafka = SecureCluster.Client(cluster, SecureCluster.Tls(Certificates), options => options.ApiTimeout = TimeSpan.FromMilliseconds(300));

        // .NET's side of TLS ends the connection without an alert, which might be anything: it is tried again until time is over.
        KafkaException failure = (await Assert.CatchAsync<KafkaException>(() => kafka.CreateAdmin().CreateTopicAsync(new NewTopic("t"), cancellationToken)))!;

        Assert.That(failure.Message, Does.Contain("client certificate"));
    }

    [Test]
    public async Task OpenSSLs_alert_for_a_missing_certificate_is_final_and_told([Values("-tls1_2", "-tls1_3")] string version, CancellationToken cancellationToken)
    {
        if (!OpensslServer.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        using var files = new TemporaryFolder();
        string pem = files.Write("server.pem", TestCertificates.ToPem(Certificates.CreateServer("127.0.0.1")));
        await using OpensslServer server = await OpensslServer.StartAsync(["-cert", pem, "-key", pem, "-Verify", "1", version], cancellationToken);
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = server.Address, Security = SecureCluster.Tls(Certificates) });

        AuthenticationException failure = (await Assert.ThrowsAsync<AuthenticationException>(() => kafka.CreateAdmin().CreateTopicAsync(new NewTopic("t"), cancellationToken)))!;

        Assert.That(failure.Message, Does.Contain("alert").And.Contain("client certificate"));
    }

    [Test]
    public async Task A_plaintext_client_on_a_TLS_port_is_told(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates }, cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, new SecurityOptions(), cancellationToken);

        Assert.That(failure.Message, Does.Contain("answered with TLS").And.Contain("Ssl"));

        // The alert goes out before the broker writes down why.
        await cluster.DisposeAsync();
        Assert.That(cluster.Rejections[0].Reason, Does.Contain("no TLS"));
    }

    [Test]
    public async Task A_TLS_client_on_a_plaintext_port_is_told(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Tls(Certificates), cancellationToken);

        Assert.That(failure.Mechanism, Is.EqualTo("TLS"));
        Assert.That(failure.Message, Does.Contain("does not speak TLS").And.Contain("listener without TLS"));
    }

    [Test]
    public async Task No_version_in_common_is_told(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates, Versions = SslProtocols.Tls13 }, cancellationToken);
        SecurityOptions security = SecureCluster.Tls(Certificates);
        security.Tls.Versions = SslProtocols.Tls12;

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, security, cancellationToken);

        Assert.That(failure.Message, Does.Contain("TLS"));
    }

    [Test]
    public async Task A_key_store_of_Java_is_refused_with_what_to_do(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates }, cancellationToken);
        using var files = new TemporaryFolder();
        SecurityOptions security = SecureCluster.Tls(Certificates);
        security.Tls.CertificateFile = files.Write("client.store", [0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2]);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, security, cancellationToken);

        Assert.That(failure.Message, Does.Contain("JKS").And.Contain("keytool"));
    }

    [Test]
    public async Task A_new_certificate_in_the_file_replaces_connections_and_loses_no_request(CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        using var log = new RecordingLoggerFactory();
        var acls = new TestAuthorizationOptions { SuperUsers = { "User:CN=before", "User:CN=after" } };
        var tls = new TestTlsOptions { Certificates = Certificates, ClientCertificates = TestClientCertificates.Required };
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Tls = tls, Authorization = acls }, cancellationToken);
        using var files = new TemporaryFolder();
        using X509Certificate2 before = Certificates.CreateClient("before");
        using X509Certificate2 after = Certificates.CreateClient("after");
        SecurityOptions security = SecureCluster.Tls(Certificates);
        security.Tls.CertificateFile = files.Write("client.pem", TestCertificates.ToPem(before));
        await using KafkaClient kafka = SecureCluster.Client(cluster, security, options =>
        {
            options.TimeProvider = time;
            options.RequestTimeout = TimeSpan.FromHours(1);
            options.ApiTimeout = TimeSpan.FromHours(1);
            options.LoggerFactory = log;
        });
        AdminClient admin = kafka.CreateAdmin();
        await admin.CreateTopicAsync(new Milena.Kafka.NewTopic("one"), cancellationToken);
        long[] old = Connections(cluster);

        // A request is under way on the old connection while the new certificate arrives.
        using RequestHold hold = cluster.Hold(ApiKey.CreateTopics, new FaultScope());
        Task underWay = admin.CreateTopicAsync(new Milena.Kafka.NewTopic("two"), cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);
        files.Write("client.pem", TestCertificates.ToPem(after));
        time.Advance(TimeSpan.FromMinutes(1));
        await log.WhenLoggedAsync(CertificatesRenewed).WaitAsync(cancellationToken);
        await admin.DeleteTopicAsync("one", cancellationToken);
        Assert.That(underWay.IsCompleted, Is.False);
        hold.Release();
        await underWay;

        Assert.That(cluster.Topics, Does.Contain("two"));
        Assert.That(Connections(cluster).Except(old), Is.Not.Empty);
    }

    [Test]
    public async Task A_new_authority_in_the_file_is_trusted_without_a_restart(CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        using var log = new RecordingLoggerFactory();
        var successor = new TestCertificates("Successor");
        using X509Certificate2 before = Certificates.CreateServer("127.0.0.1");
        using X509Certificate2 after = successor.CreateServer("127.0.0.1");
        X509Certificate2 shown = before;
        await using TestCluster cluster = await StartAsync(new TestTlsOptions { Certificates = Certificates, ServerCertificate = () => shown }, cancellationToken);
        using var files = new TemporaryFolder();
        var security = new SecurityOptions { Protocol = SecurityProtocol.Ssl, Tls = { AuthorityFile = files.Write("ca.pem", Certificates.AuthorityPem) } };
        await using KafkaClient kafka = SecureCluster.Client(cluster, security, options =>
        {
            options.TimeProvider = time;
            options.LoggerFactory = log;
        });
        AdminClient admin = kafka.CreateAdmin();
        await admin.CreateTopicAsync(new NewTopic("one"), cancellationToken);

        shown = after;
        files.Write("ca.pem", $"{Certificates.AuthorityPem}\n{successor.AuthorityPem}");
        time.Advance(TimeSpan.FromMinutes(1));
        await log.WhenLoggedAsync(CertificatesRenewed).WaitAsync(cancellationToken);
        await admin.CreateTopicAsync(new NewTopic("two"), cancellationToken);

        Assert.That(Connections(cluster), Has.Length.GreaterThan(1));
    }

    [Test]
    public async Task Certificates_that_change_again_and_again_under_load_cost_no_record(CancellationToken cancellationToken)
    {
        const int changes = 5;
        int wanted = 0;
        var shown = new List<X509Certificate2>();
        var acls = new TestAuthorizationOptions();
        for (int i = 0; i <= changes; i++)
        {
            shown.Add(Certificates.CreateClient($"client-{i}"));
            acls.SuperUsers.Add($"User:CN=client-{i}");
        }

        var tls = new TestTlsOptions { Certificates = Certificates, ClientCertificates = TestClientCertificates.Required };
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Tls = tls, Authorization = acls }, cancellationToken, brokers: 3);
        cluster.CreateTopic(SecureCluster.Topic, partitions: 6);
        SecurityOptions security = SecureCluster.Tls(Certificates);
        security.Tls.ClientCertificateProvider = _ => new(shown[Volatile.Read(ref wanted)]);
        security.Tls.ReloadInterval = TimeSpan.FromMilliseconds(20);
        await using KafkaClient kafka = SecureCluster.Client(cluster, security);
        await using Producer<int, int> producer = kafka.CreateProducer<int, int>();

        int sent = 0;
        var deliveries = new List<Task<DeliveryResult>>();
        for (int change = 0; change <= changes; change++)
        {
            Volatile.Write(ref wanted, change);

            // On with the load until a connection that was not there before carries it.
            HashSet<long> known = Producing(cluster);
            do
            {
                deliveries.AddRange(Enumerable.Range(0, 50).Select(_ => producer.ProduceAsync(SecureCluster.Topic, sent, sent++, cancellationToken).AsTask()));
                await deliveries[^1];
            }
            while (Producing(cluster).IsSubsetOf(known));
        }

        DeliveryResult[] stored = await Task.WhenAll(deliveries);
        Assert.That(stored.Select(one => (one.Partition, one.Offset)).Distinct().Count(), Is.EqualTo(sent));
        Assert.That(Enumerable.Range(0, 6).Sum(partition => cluster.EndOffset(SecureCluster.Topic, partition)), Is.EqualTo(sent));
        shown.ForEach(certificate => certificate.Dispose());
    }

    private static HashSet<long> Producing(TestCluster cluster) => [.. cluster.Received(ApiKey.Produce).Select(request => request.ConnectionId)];

    private static long[] Connections(TestCluster cluster) => [.. cluster.Received(ApiKey.ApiVersions).Select(request => request.ConnectionId).Distinct()];

    private static Task<TestCluster> StartAsync(TestTlsOptions tls, CancellationToken cancellationToken) =>
        SecureCluster.StartAsync(new TestSecurityOptions { Tls = tls }, cancellationToken);
}
