using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Security;

/// <summary>SASL with the embedded cluster: every mechanism, and every way to be refused.</summary>
[CancelAfter(60_000)]
[Parallelizable(ParallelScope.Fixtures)]
public class SaslTests
{
    [TestCase("PLAIN")]
    [TestCase("SCRAM-SHA-256")]
    [TestCase("SCRAM-SHA-512")]
    [TestCase("AWS_MSK_IAM")]
    public async Task A_user_who_knows_the_password_is_let_in(string name, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl(name) }, cancellationToken);

        await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Sasl(Mechanism(name, SecureCluster.Password)), cancellationToken);
    }

    [TestCase("PLAIN")]
    [TestCase("SCRAM-SHA-512")]
    [TestCase("AWS_MSK_IAM")]
    public async Task SASL_goes_through_TLS(string name, CancellationToken cancellationToken)
    {
        var tls = new TestTlsOptions();
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Tls = tls, Sasl = SecureCluster.Sasl(name) }, cancellationToken, brokers: 3);
        SecurityOptions security = SecureCluster.Tls(tls.Certificates);
        security.Protocol = SecurityProtocol.SaslSsl;
        security.Sasl = Mechanism(name, SecureCluster.Password);

        await SecureCluster.ProduceOneAsync(cluster, security, cancellationToken);
    }

    [TestCase("PLAIN", "Invalid username or password")]
    [TestCase("SCRAM-SHA-256", "invalid credentials")]
    [TestCase("SCRAM-SHA-512", "invalid credentials")]
    [TestCase("AWS_MSK_IAM", "Access denied: the signature is not that of the access key")]
    public async Task A_wrong_password_is_told_at_once_with_broker_mechanism_and_reason(string name, string reason, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl(name) }, cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Sasl(Mechanism(name, "wrong")), cancellationToken);

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.SaslAuthenticationFailed));
        Assert.That(failure.Endpoint, Is.EqualTo(cluster.BootstrapServers));
        Assert.That(failure.Mechanism, Is.EqualTo(name));
        Assert.That(failure.IsRetriable, Is.False);
        Assert.That(failure.Message, Does.Contain(cluster.BootstrapServers).And.Contain(name).And.Contain(reason));
        Assert.That(cluster.Received(ApiKey.SaslHandshake), Has.Count.EqualTo(1), "it was tried again");
    }

    [Test]
    public async Task Producer_and_consumer_tell_a_wrong_password_too(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl() }, cancellationToken);
        await using KafkaClient kafka = SecureCluster.Client(cluster, SecureCluster.Sasl(new SaslPlain(SecureCluster.User, "wrong")));
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>();
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>();

        Exception produced = (await Assert.CatchAsync(async () => await producer.ProduceAsync(SecureCluster.Topic, "k", "v", cancellationToken)))!;
        Exception consumed = (await Assert.CatchAsync(async () => await consumer.AssignTopicAsync(SecureCluster.Topic, StartPosition.Beginning, cancellationToken)))!;

        Assert.That(produced is AuthenticationException || produced.InnerException is AuthenticationException, produced.ToString());
        Assert.That(consumed, Is.TypeOf<AuthenticationException>());
    }

    [TestCase("SCRAM-SHA-256")]
    [TestCase("SCRAM-SHA-512")]
    public async Task A_delegation_token_is_shown_as_one(string name, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("PLAIN", name) }, cancellationToken);
        await using KafkaClient owner = SecureCluster.Client(cluster, SecureCluster.Sasl(new SaslPlain(SecureCluster.User, SecureCluster.Password)));
        DelegationToken token = await owner.CreateAdmin().CreateDelegationTokenAsync(cancellationToken: cancellationToken);

        await SecureCluster.ProduceOneAsync(
            cluster,
            SecurityOptions.FromProperties(new Dictionary<string, string>
            {
                ["security.protocol"] = "SASL_PLAINTEXT",
                ["sasl.mechanism"] = name,
                ["sasl.jaas.config"] =
                    $"org.apache.kafka.common.security.scram.ScramLoginModule required username=\"{token.TokenId}\" password=\"{token.Password}\" tokenauth=\"true\";",
            }),
            cancellationToken);

        IEnumerable<string> sent = cluster.Received<SaslAuthenticateRequest>().Select(r => System.Text.Encoding.UTF8.GetString(r.AuthBytes.Span));
        Assert.That(sent, Has.Some.Match($"^n,,n={token.TokenId},r=[^,]+,tokenauth=true$"));
    }

    [TestCase("admin")]
    [TestCase("produce")]
    [TestCase("consume")]
    public async Task A_wrong_password_is_told_before_any_time_has_passed(string operation, CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl() }, cancellationToken);
        await using KafkaClient kafka = SecureCluster.Client(cluster, SecureCluster.Sasl(Mechanism("SCRAM-SHA-512", "wrong")), options => options.TimeProvider = time);
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { DeliveryTimeout = TimeSpan.FromHours(1) });
        await using Consumer<string, string> alone = kafka.CreateConsumer<string, string>();

        // The clock stands still: what waited for it would never come.
        Exception failure = (await Assert.CatchAsync(() => operation switch
        {
            "admin" => kafka.CreateAdmin().CreateTopicAsync(new Milena.Kafka.NewTopic("t"), cancellationToken),
            "produce" => producer.ProduceAsync(SecureCluster.Topic, "k", "v", cancellationToken).AsTask(),
            _ => alone.AssignTopicAsync(SecureCluster.Topic, StartPosition.Beginning, cancellationToken),
        }))!;

        Assert.That(failure is AuthenticationException || failure.InnerException is AuthenticationException, failure.ToString());
    }

    [Test]
    public async Task A_wrong_password_is_told_to_a_member_of_a_group([Values] GroupProtocol protocol, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl() }, cancellationToken);
        await using KafkaClient kafka = SecureCluster.Client(cluster, SecureCluster.Sasl(Mechanism("SCRAM-SHA-512", "wrong")));
        await using Consumer<string, string> member = kafka.CreateConsumer<string, string>(new ConsumerOptions { GroupId = "g", Topics = { SecureCluster.Topic }, GroupProtocol = protocol });

        Assert.That(async () => await ReadAsync(member, cancellationToken), Throws.TypeOf<AuthenticationException>());
    }

    private static async Task ReadAsync(Consumer<string, string> consumer, CancellationToken cancellationToken)
    {
        await foreach (ConsumeResult<string, string> _ in consumer.ConsumeAsync(cancellationToken))
        {
            Assert.Fail("It should not have been let in.");
        }
    }

    [Test]
    public async Task A_mechanism_that_is_not_offered_is_told_with_those_that_are(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("PLAIN", "SCRAM-SHA-256") }, cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Sasl(Mechanism("SCRAM-SHA-512", "p")), cancellationToken);

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.UnsupportedSaslMechanism));
        Assert.That(failure.Message, Does.Contain("it offers PLAIN, SCRAM-SHA-256"));
    }

    [Test]
    public async Task A_listener_without_SASL_is_told(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(cancellationToken: cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Sasl(Mechanism("PLAIN", "p")), cancellationToken);

        Assert.That(failure.Message, Does.Contain("listener without SASL"));
    }

    [Test]
    public async Task A_credential_that_was_mended_is_taken_at_the_next_attempt(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl() }, cancellationToken);
        string password = "old";
        await using KafkaClient kafka = SecureCluster.Client(cluster, SecureCluster.Sasl(SaslScram.Sha256(_ => new(new SaslCredential(SecureCluster.User, password)))));
        AdminClient admin = kafka.CreateAdmin();
        await Assert.ThrowsAsync<AuthenticationException>(() => admin.CreateTopicAsync(new Milena.Kafka.NewTopic("t"), cancellationToken));

        password = SecureCluster.Password;
        await admin.CreateTopicAsync(new Milena.Kafka.NewTopic("t"), cancellationToken);

        Assert.That(cluster.Topics, Does.Contain("t"));
    }

    [Test]
    public async Task A_password_that_changes_under_a_producer_fails_its_records_at_once_and_a_new_one_lets_it_go_on(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl() }, cancellationToken);
        string password = SecureCluster.Password;
        await using KafkaClient kafka = SecureCluster.Client(cluster, SecureCluster.Sasl(SaslScram.Sha256(_ => new(new SaslCredential(SecureCluster.User, password)))));
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { DeliveryTimeout = TimeSpan.FromHours(1) });
        await producer.ProduceAsync(SecureCluster.Topic, "k", "first", cancellationToken);

        cluster.SetPassword(SecureCluster.User, "another");
        cluster.DropConnection(ApiKey.Produce);
        DeliveryException failure = (await Assert.ThrowsAsync<DeliveryException>(async () => await producer.ProduceAsync(SecureCluster.Topic, "k", "second", cancellationToken)))!;
        password = "another";
        await producer.ProduceAsync(SecureCluster.Topic, "k", "third", cancellationToken);

        Assert.That(failure.InnerException, Is.TypeOf<AuthenticationException>());
        Assert.That(failure.Code, Is.EqualTo(ErrorCode.SaslAuthenticationFailed));
        Assert.That(cluster.EndOffset(SecureCluster.Topic, 0), Is.EqualTo(2));
    }

    [Test]
    public async Task A_mechanism_of_the_users_own_is_spoken(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl() }, cancellationToken);

        await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Sasl(new OwnPlain()), cancellationToken);
    }

    [Test]
    public async Task Credentials_that_cannot_be_had_are_told_and_asked_for_again(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl() }, cancellationToken);
        int asked = 0;
        var mechanism = new SaslPlain(_ => ++asked < 3 ? throw new IOException("the vault is sealed") : new(new SaslCredential(SecureCluster.User, SecureCluster.Password)));

        await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Sasl(mechanism), cancellationToken);

        Assert.That(asked, Is.GreaterThanOrEqualTo(3));
    }

    [Test]
    public async Task A_token_is_taken_with_its_extensions(CancellationToken cancellationToken)
    {
        TestSaslOptions sasl = SecureCluster.Sasl("OAUTHBEARER");
        sasl.TokenValidator = (token, _) => new(token == "good" ? TestTokenVerdict.Accept("alice") : TestTokenVerdict.Refuse());
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl }, cancellationToken);

        await SecureCluster.ProduceOneAsync(
            cluster, SecureCluster.Sasl(new SaslOAuthBearer(_ => new(new OAuthToken("good", extensions: new Dictionary<string, string> { ["logicalCluster"] = "lkc-1" })))), cancellationToken);

        string sent = System.Text.Encoding.ASCII.GetString(cluster.Received<SaslAuthenticateRequest>()[0].AuthBytes.Span);
        Assert.That(sent, Is.EqualTo("n,,\u0001auth=Bearer good\u0001logicalCluster=lkc-1\u0001\u0001"));
    }

    [Test]
    public async Task A_token_that_is_refused_is_told_with_what_the_broker_said(CancellationToken cancellationToken)
    {
        TestSaslOptions sasl = SecureCluster.Sasl("OAUTHBEARER");
        sasl.TokenValidator = (_, _) => new(TestTokenVerdict.Refuse("insufficient_scope"));
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl }, cancellationToken);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(
            cluster, SecureCluster.Sasl(new SaslOAuthBearer(_ => new(new OAuthToken("bad-token-77")))), cancellationToken);

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.SaslAuthenticationFailed));
        Assert.That(failure.Message, Does.Contain("insufficient_scope").And.Not.Contain("bad-token-77"));
    }

    internal static ISaslMechanism Mechanism(string name, string password, TimeProvider? time = null) => name switch
    {
        "PLAIN" => new SaslPlain(SecureCluster.User, password),
        "SCRAM-SHA-256" => SaslScram.Sha256(SecureCluster.User, password),
        "AWS_MSK_IAM" => new SaslAwsMskIam("eu-west-1", _ => new(new AwsCredentials(SecureCluster.User, password)), time),
        _ => SaslScram.Sha512(SecureCluster.User, password),
    };

    private sealed class OwnPlain : ISaslMechanism
    {
        public string Name => "PLAIN";

        public ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken) => new(new Exchange());

        private sealed class Exchange : ISaslExchange
        {
            private int _round;

            public ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken) =>
                new(_round++ == 0 ? System.Text.Encoding.UTF8.GetBytes($"\0{SecureCluster.User}\0{SecureCluster.Password}") : default(ReadOnlyMemory<byte>?));

            public void Dispose()
            {
            }
        }
    }
}
