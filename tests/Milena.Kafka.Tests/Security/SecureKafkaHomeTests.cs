using System.Security.Cryptography.X509Certificates;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Security;

/// <summary>The same security against brokers of a Kafka distribution.</summary>
[CancelAfter(300_000)]
public class SecureKafkaHomeTests
{
    private readonly TestCertificates _certificates = new();
    private readonly TemporaryFolder _files = new();
    private IdentityProvider? _provider;
    private KafkaHomeCluster? _cluster;

    [OneTimeSetUp]
    public async Task StartBrokerAsync()
    {
        if (!KafkaHome.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        _provider = new IdentityProvider();
        _cluster = await KafkaHomeCluster.StartAsync(1, SecureKafkaHome.Options(_certificates, _provider, _files), TestContext.CurrentContext.CancellationToken);
    }

    [OneTimeTearDown]
    public async Task StopBrokerAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }

        _files.Dispose();
    }

    [TestCase("PLAIN")]
    [TestCase("SCRAM-SHA-256")]
    [TestCase("SCRAM-SHA-512")]
    [TestCase("OAUTHBEARER")]
    public async Task Each_mechanism_is_let_in_over_TLS(string mechanism, CancellationToken cancellationToken) =>
        await EchoAsync(SecureKafkaHome.SaslListener, Sasl(mechanism, SecureCluster.Password), cancellationToken);

    [TestCase("PLAIN", "Invalid username or password")]
    [TestCase("SCRAM-SHA-256", "invalid credentials")]
    [TestCase("SCRAM-SHA-512", "invalid credentials")]
    [TestCase("OAUTHBEARER", "invalid_token")]
    public async Task A_wrong_credential_is_told_with_the_brokers_reason(string mechanism, string reason, CancellationToken cancellationToken)
    {
        SecurityOptions wrong = mechanism == "OAUTHBEARER" ? Over(new SaslOAuthBearer(_ => new(new OAuthToken("eyJhbGciOiJub25lIn0.e30.x")))) : Sasl(mechanism, "wrong");
        await using KafkaClient kafka = Client(SecureKafkaHome.SaslListener, wrong);

        AuthenticationException failure = (await Assert.ThrowsAsync<AuthenticationException>(() => kafka.CreateAdmin().CreateTopicAsync(new NewTopic("t"), cancellationToken)))!;

        Assert.That(failure.Message, Does.Contain(reason));
        Assert.That(failure.Mechanism, Is.EqualTo(mechanism));
    }

    [Test]
    public async Task A_client_certificate_is_let_in(CancellationToken cancellationToken)
    {
        using X509Certificate2 client = _certificates.CreateClient("alice");
        SecurityOptions security = SecureCluster.Tls(_certificates);
        security.Tls.ClientCertificate = client;

        await EchoAsync(SecureKafkaHome.TlsListener, security, cancellationToken);
    }

    [Test]
    public async Task A_client_without_a_certificate_or_with_one_of_another_authority_is_told([Values] bool hasOne, CancellationToken cancellationToken)
    {
        using X509Certificate2 stranger = new TestCertificates("Strangers").CreateClient("alice");
        SecurityOptions security = SecureCluster.Tls(_certificates);
        security.Tls.ClientCertificate = hasOne ? stranger : null;
        await using KafkaClient kafka = Client(SecureKafkaHome.TlsListener, security);

        // In TLS 1.3 the refusal may be lost behind the request that the broker did not read.
        KafkaException failure = (await Assert.CatchAsync<KafkaException>(() => kafka.CreateAdmin().CreateTopicAsync(new NewTopic("t"), cancellationToken)))!;

        Assert.That(failure.Message, Does.Contain("certificate"));
    }

    [Test]
    public async Task A_plaintext_client_on_a_TLS_port_and_the_reverse_are_told([Values] bool isReverse, CancellationToken cancellationToken)
    {
        await using KafkaClient kafka = isReverse
            ? Client(SecureCluster.Tls(_certificates), Cluster.BootstrapServers)
            : Client(SecureKafkaHome.TlsListener, new SecurityOptions());

        KafkaException failure = (await Assert.CatchAsync<KafkaException>(() => kafka.CreateAdmin().CreateTopicAsync(new NewTopic("t"), cancellationToken)))!;

        Assert.That(failure.Message, Does.Contain("TLS"));
    }

    [Test]
    public async Task Sessions_of_three_seconds_are_renewed_under_load(CancellationToken cancellationToken)
    {
        var mechanism = new WatchedMechanism(new SaslPlain(SecureCluster.User, SecureCluster.Password));
        await using KafkaClient kafka = Client(SecureKafkaHome.SaslListener, Over(mechanism));
        await using Producer<int, int> producer = kafka.CreateProducer<int, int>();
        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic("renewals"), cancellationToken);

        // Connections are few; by then some have been renewed twice.
        Task renewed = mechanism.Started(8);
        int sent = 0;
        while (!renewed.IsCompleted)
        {
            DeliveryResult stored = await producer.ProduceAsync("renewals", sent, sent, cancellationToken);
            Assert.That(stored.Offset, Is.EqualTo(sent++));
        }
    }

    [Test]
    public async Task New_keys_of_the_identity_provider_are_taken(CancellationToken cancellationToken)
    {
        _provider!.Rotate(keepOld: true);
        while (true)
        {
            try
            {
                await EchoAsync(SecureKafkaHome.SaslListener, Sasl("OAUTHBEARER", ""), cancellationToken);
                return;
            }
            catch (AuthenticationException unknown) when (unknown.Message.Contains("invalid_token", StringComparison.Ordinal))
            {
                // A broker refuses a token of an unknown key, and only then asks for the keys again.
            }
        }
    }

    private KafkaHomeCluster Cluster => _cluster ?? throw new InvalidOperationException("The broker is not started.");

    private async Task EchoAsync(string listener, SecurityOptions security, CancellationToken cancellationToken)
    {
        await using KafkaClient kafka = Client(listener, security);
        string topic = $"echo-{Guid.NewGuid():N}";
        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic(topic), cancellationToken);
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>();
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>();

        await producer.ProduceAsync(topic, "k", "v", cancellationToken);
        await consumer.AssignTopicAsync(topic, StartPosition.Beginning, cancellationToken);
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            Assert.That(record.Value, Is.EqualTo("v"));
            break;
        }
    }

    private KafkaClient Client(string listener, SecurityOptions security) => Client(security, Cluster.BootstrapServersOf(listener));

    private static KafkaClient Client(SecurityOptions security, string address) => new(new KafkaClientOptions { BootstrapServers = address, Security = security, ApiTimeout = TimeSpan.FromSeconds(20) });

    private SecurityOptions Sasl(string mechanism, string password) => Over(mechanism == "OAUTHBEARER"
        ? new SaslOAuthBearer(new OAuthTokenEndpoint(new OAuthTokenOptions { TokenEndpoint = _provider!.Server.Address, ClientId = IdentityProvider.ClientId, ClientSecret = IdentityProvider.ClientSecret }))
        : SaslTests.Mechanism(mechanism, password));

    private SecurityOptions Over(ISaslMechanism mechanism)
    {
        SecurityOptions security = SecureCluster.Tls(_certificates);
        security.Protocol = SecurityProtocol.SaslSsl;
        security.Sasl = mechanism;
        return security;
    }
}
