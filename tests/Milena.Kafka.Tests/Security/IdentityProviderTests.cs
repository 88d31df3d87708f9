using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Security;

/// <summary>OAUTHBEARER from end to end: an identity provider whose keys change and which fails, a broker that goes by its published keys.</summary>
[CancelAfter(60_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class IdentityProviderTests : IAsyncDisposable
{
    private readonly IdentityProvider _provider = new();
    private readonly PublishedKeys _keys;
    private TestCluster _cluster = null!;

    public IdentityProviderTests()
    {
        _keys = new PublishedKeys(_provider);
    }

    [SetUp]
    public async Task SetUpAsync()
    {
        TestSaslOptions sasl = SecureCluster.Sasl("OAUTHBEARER");
        sasl.TokenValidator = _keys.JudgeAsync;
        _cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl, Authorization = new TestAuthorizationOptions { SuperUsers = { $"User:{IdentityProvider.ClientId}" } } }, default);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _provider.DisposeAsync();
        _keys.Dispose();
    }

    [Test]
    public Task A_client_with_the_secret_is_let_in(CancellationToken cancellationToken) => SecureCluster.ProduceOneAsync(_cluster, Secret(), cancellationToken);

    [Test]
    public async Task Keys_that_change_are_survived_whether_the_old_one_stays_published_or_not([Values] bool keepOld, CancellationToken cancellationToken)
    {
        await using KafkaClient kafka = SecureCluster.Client(_cluster, Secret());
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>();
        await producer.ProduceAsync(SecureCluster.Topic, "k", "1", cancellationToken);

        _provider.Rotate(keepOld);
        _cluster.DropConnection(ApiKey.Produce);
        if (keepOld)
        {
            await producer.ProduceAsync(SecureCluster.Topic, "k", "2", cancellationToken);
            Assert.That(_provider.Server.Requests, Has.Count.EqualTo(1), "the token was good to its end");
            return;
        }

        // The token that was kept is refused once; it is not shown again.
        DeliveryException refused = (await Assert.ThrowsAsync<DeliveryException>(async () => await producer.ProduceAsync(SecureCluster.Topic, "k", "2", cancellationToken)))!;
        await producer.ProduceAsync(SecureCluster.Topic, "k", "3", cancellationToken);

        Assert.That(refused.InnerException, Is.TypeOf<AuthenticationException>().With.Message.Contains("unknown_key"));
        Assert.That(_provider.Server.Requests, Has.Count.EqualTo(2));
        Assert.That(_cluster.EndOffset(SecureCluster.Topic, 0), Is.EqualTo(2));
    }

    [Test]
    public async Task A_server_that_is_down_for_a_while_is_asked_again(CancellationToken cancellationToken)
    {
        _provider.Fault = static count => count switch
        {
            1 => (500, "oops"),
            2 => (503, "later"),
            3 => (429, "slow down"),
            _ => null,
        };

        await SecureCluster.ProduceOneAsync(_cluster, Secret(), cancellationToken);

        Assert.That(_provider.Server.Requests, Has.Count.GreaterThanOrEqualTo(4));
    }

    [TestCase(200, "{\"access_token\":", "something else than JSON")]
    [TestCase(200, "{\"token_type\":\"Bearer\"}", "without an access_token")]
    [TestCase(200, "{\"access_token\":\"a b\"}", "characters that a bearer token cannot have")]
    [TestCase(400, "{\"error\":\"invalid_scope\",\"error_description\":\"no such scope\"}", "invalid_scope")]
    public async Task What_the_server_says_instead_of_a_token_is_in_the_exception_and_final(int status, string body, string reason, CancellationToken cancellationToken)
    {
        _provider.Fault = _ => (status, body);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(_cluster, Secret(), cancellationToken);

        Assert.That(failure.Message, Does.Contain(reason).And.Not.Contain(IdentityProvider.ClientSecret));
        Assert.That(failure.Mechanism, Is.EqualTo("OAUTHBEARER"));
        Assert.That(_provider.Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_wrong_secret_is_told_with_the_servers_words(CancellationToken cancellationToken)
    {
        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(_cluster, Secret("wrong-secret"), cancellationToken);

        Assert.That(failure.Message, Does.Contain("401").And.Contain("invalid_client").And.Contain("Client authentication failed").And.Not.Contain("wrong-secret"));
    }

    [Test]
    public async Task A_token_that_has_expired_on_the_way_is_refused_by_the_broker(CancellationToken cancellationToken)
    {
        _provider.Lifetime = TimeSpan.FromSeconds(-10);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(_cluster, Secret(), cancellationToken);

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.SaslAuthenticationFailed));
        Assert.That(failure.Message, Does.Contain("expired_token"));
    }

    [Test]
    public async Task An_assertion_of_a_file_is_read_again_for_each_token(CancellationToken cancellationToken)
    {
        using var files = new TemporaryFolder();
        string file = files.Write("assertion.jwt", "first.of.all\n");
        var seen = new List<string>();
        _provider.KnowsAssertion = assertion =>
        {
            seen.Add(assertion);
            return true;
        };
        _provider.Lifetime = TimeSpan.Zero;
        SecurityOptions security = SecurityOptions.FromProperties(new Dictionary<string, string>
        {
            ["security.protocol"] = "SASL_PLAINTEXT",
            ["sasl.mechanism"] = "OAUTHBEARER",
            ["sasl.oauthbearer.token.endpoint.url"] = _provider.Server.Address.ToString(),
            ["sasl.oauthbearer.jwt.retriever.class"] = "org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever",
            ["sasl.oauthbearer.assertion.file"] = file,
        });
        await StartAsync(security, cancellationToken);
        files.Write("assertion.jwt", "second.of.all");
        await StartAsync(security, cancellationToken);

        Assert.That(seen, Is.EqualTo(new[] { "first.of.all", "second.of.all" }));
    }

    [Test]
    public async Task An_assertion_is_signed_with_the_key_that_lies_in_the_file_by_then([Values("RS256", "ES256")] string algorithm, CancellationToken cancellationToken)
    {
        using var files = new TemporaryFolder();
        string template = files.Write("template.json", "{\"header\":{\"kid\":\"k-7\"},\"payload\":{\"sub\":\"of-template\",\"more\":[1,2]}}");
        AsymmetricAlgorithm key = null!;
        _provider.KnowsAssertion = assertion => IsSigned(assertion, key);
        string file = "";
        for (int round = 0; round < 2; round++)
        {
            key = algorithm == "RS256" ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
            file = files.Write("key.pem", key.ExportEncryptedPkcs8PrivateKeyPem("key-pass", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000)));
            SecurityOptions security = SecurityOptions.FromProperties(new Dictionary<string, string>
            {
                ["security.protocol"] = "SASL_PLAINTEXT",
                ["sasl.mechanism"] = "OAUTHBEARER",
                ["sasl.oauthbearer.token.endpoint.url"] = _provider.Server.Address.ToString(),
                ["sasl.oauthbearer.jwt.retriever.class"] = "JwtBearerJwtRetriever",
                ["sasl.oauthbearer.assertion.algorithm"] = algorithm,
                ["sasl.oauthbearer.assertion.private.key.file"] = file,
                ["sasl.oauthbearer.assertion.private.key.passphrase"] = "key-pass",
                ["sasl.oauthbearer.assertion.claim.iss"] = "issuer",
                ["sasl.oauthbearer.assertion.claim.sub"] = "of-property",
                ["sasl.oauthbearer.assertion.claim.aud"] = "audience",
                ["sasl.oauthbearer.assertion.claim.exp.seconds"] = "120",
                ["sasl.oauthbearer.assertion.claim.nbf.seconds"] = "30",
                ["sasl.oauthbearer.assertion.claim.jti.include"] = "true",
                ["sasl.oauthbearer.assertion.template.file"] = template,
            });
            await SecureCluster.ProduceOneAsync(_cluster, security, cancellationToken);
        }

        string assertion = System.Net.WebUtility.UrlDecode(_provider.Server.Requests[^1].Form.Split("assertion=")[1].Split('&')[0]);
        using JsonDocument header = JsonDocument.Parse(Base64Url.DecodeFromChars(assertion.Split('.')[0]));
        using JsonDocument claims = JsonDocument.Parse(Base64Url.DecodeFromChars(assertion.Split('.')[1]));
        long issuedAt = claims.RootElement.GetProperty("iat").GetInt64();
        Assert.That(header.RootElement.GetRawText(), Is.EqualTo($"{{\"kid\":\"k-7\",\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}"));
        Assert.That(claims.RootElement.GetProperty("sub").GetString(), Is.EqualTo("of-template"));
        Assert.That(claims.RootElement.GetProperty("iss").GetString(), Is.EqualTo("issuer"));
        Assert.That(claims.RootElement.GetProperty("exp").GetInt64(), Is.EqualTo(issuedAt + 120));
        Assert.That(claims.RootElement.GetProperty("nbf").GetInt64(), Is.EqualTo(issuedAt - 30));
        Assert.That(claims.RootElement.TryGetProperty("jti", out _));
    }

    [Test]
    public async Task A_token_of_a_file_is_read_at_each_authentication(CancellationToken cancellationToken)
    {
        using var files = new TemporaryFolder();
        OAuthToken token = await new OAuthTokenEndpoint(Options()).GetTokenAsync(cancellationToken);
        string file = files.Write("token.jwt", "not.yet.there");
        SecurityOptions security = SecurityOptions.FromProperties(new Dictionary<string, string>
        {
            ["security.protocol"] = "SASL_PLAINTEXT",
            ["sasl.mechanism"] = "OAUTHBEARER",
            ["sasl.oauthbearer.token.endpoint.url"] = new Uri(file).ToString(),
        });
        files.Write("token.jwt", $"{token.Value}\n");

        await SecureCluster.ProduceOneAsync(_cluster, security, cancellationToken);
    }

    [Test]
    public async Task Librdkafka_gets_its_tokens_here_too_and_is_let_in(CancellationToken cancellationToken)
    {
        if (!Kcat.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        if (!(await Kcat.RunNewestAsync("", TimeSpan.FromSeconds(40), cancellationToken, "-V")).Text.Contains("oidc", StringComparison.Ordinal))
        {
            Assert.Ignore("The librdkafka of kcat was built without OIDC, and LIBRDKAFKA names no other.");
        }

        string[] security =
        [
            "-b", _cluster.BootstrapServers, "-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanisms=OAUTHBEARER", "-X", "sasl.oauthbearer.method=oidc",
            "-X", $"sasl.oauthbearer.client.id={IdentityProvider.ClientId}", "-X", $"sasl.oauthbearer.client.secret={IdentityProvider.ClientSecret}",
            "-X", $"sasl.oauthbearer.token.endpoint.url={_provider.Server.Address}", "-X", "sasl.oauthbearer.scope=kafka",
        ];
        _cluster.CreateTopic("t");
        (await Kcat.RunNewestAsync("one\ntwo\n", TimeSpan.FromSeconds(40), cancellationToken, [.. security, "-P", "-t", "t"])).EnsureSuccess();
        ProcessResult read = (await Kcat.RunNewestAsync("", TimeSpan.FromSeconds(40), cancellationToken, [.. security, "-C", "-t", "t", "-e", "-q"])).EnsureSuccess();

        Assert.That(read.Lines, Is.EqualTo(new[] { "one", "two" }));
    }

    private static bool IsSigned(string assertion, AsymmetricAlgorithm key)
    {
        string[] parts = assertion.Split('.');
        byte[] signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        byte[] signature = Base64Url.DecodeFromChars(parts[2]);
        return key is RSA rsa
            ? rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ((ECDsa)key).VerifyData(signed, signature, HashAlgorithmName.SHA256);
    }

    private static async Task StartAsync(SecurityOptions security, CancellationToken cancellationToken) =>
        (await security.Sasl!.StartAsync(new SaslTarget("broker", 9092), cancellationToken)).Dispose();

    private OAuthTokenOptions Options(string secret = IdentityProvider.ClientSecret) =>
        new() { TokenEndpoint = _provider.Server.Address, ClientId = IdentityProvider.ClientId, ClientSecret = secret, Scope = "kafka" };

    private SecurityOptions Secret(string secret = IdentityProvider.ClientSecret) => SecureCluster.Sasl(new SaslOAuthBearer(new OAuthTokenEndpoint(Options(secret))));
}
