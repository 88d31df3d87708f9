using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Security;

/// <summary>Under failure, nothing that a person may see holds a secret. GSSAPI, which needs a realm, is swept in <see cref="GssapiTests"/>.</summary>
[CancelAfter(60_000)]
public class SecretsTests
{
    private const string Secret = "TopSecret-9f8e7d";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Test]
    public async Task No_secret_is_seen_of_a_client_that_is_refused(
        [Values("PLAIN", "own", "SCRAM-SHA-256", "SCRAM-SHA-512", "delegation token", "OAUTHBEARER", "AWS_MSK_IAM")] string kind, CancellationToken cancellationToken)
    {
        TestSaslOptions sasl = SecureCluster.Sasl("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM");
        sasl.TokenValidator = (token, _) => new(TestTokenVerdict.Refuse($"refused {token}"));
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl }, cancellationToken);

        SecretsSweep.AssertNone(await SecretsSweep.RunAsync(cluster, () => SecureCluster.Sasl(Mechanism(kind)), Patience, cancellationToken), Secret);
    }

    [Test]
    public async Task No_secret_is_seen_of_a_client_whose_broker_breaks_off_or_speaks_another_language(
        [Values("PLAIN", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM")] string kind, [Values("dropped", "garbled", "unsupported", "tls", "gone")] string failure, CancellationToken cancellationToken)
    {
        TestSecurityOptions security = failure == "tls"
            ? new TestSecurityOptions { Tls = new TestTlsOptions() }
            : new TestSecurityOptions { Sasl = SecureCluster.Sasl(failure != "unsupported" ? kind : kind == "PLAIN" ? "SCRAM-SHA-512" : "PLAIN") };
        await using TestCluster cluster = await SecureCluster.StartAsync(security, cancellationToken);
        var always = new FaultScope { Count = int.MaxValue };
        switch (failure)
        {
            case "dropped":
                cluster.DropConnection(ApiKey.SaslAuthenticate, always);
                break;
            case "garbled":
                cluster.Fail(ApiKey.SaslAuthenticate, ErrorCode.UnknownServerError, always);
                break;
            case "gone":
                await cluster.StopBrokerAsync(1);
                break;
        }

        // A broker that is not there is asked until the time is over.
        SecretsSweep.AssertNone(await SecretsSweep.RunAsync(cluster, () => SecureCluster.Sasl(Mechanism(kind)), TimeSpan.FromSeconds(0.5), cancellationToken), Secret);
    }

    [Test]
    public async Task No_secret_is_seen_of_a_client_that_cannot_even_ask(
        [Values("OIDC", "OIDC provider", "OIDC answer", "OIDC gone", "assertion", "assertion key", "TLS", "TLS key", "JAAS", "properties")] string kind, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl("PLAIN", "OAUTHBEARER") }, cancellationToken);
        await using var server = new TokenServer { Answer = _ => kind == "OIDC answer" ? (200, $"{{\"access_token\":\"{Secret}\",\"expires_in\":") : (400, $"bad secret {Secret}") };
        using var files = new TemporaryFolder();

        SecretsSweep.AssertNone(await SecretsSweep.RunAsync(cluster, () => Broken(kind, server, files), Patience, cancellationToken), Secret);
    }

    [Test]
    public void Objects_that_hold_a_secret_do_not_show_it()
    {
        var oauth = new OAuthTokenOptions { TokenEndpoint = new Uri("http://127.0.0.1:1"), ClientId = "me", ClientSecret = Secret };
        string all = SecretsSweep.Dump(
            new SaslCredential("alice", Secret),
            new AwsCredentials("id", Secret, Secret),
            new OAuthToken(Secret),
            oauth,
            new OAuthTokenEndpoint(oauth),
            new OAuthAssertionOptions { PrivateKeyPassphrase = Secret },
            new TlsOptions { KeyPem = Secret, KeyPassword = Secret, AuthorityPassword = Secret },
            ScramCredentialChange.Set("alice", ScramMechanism.ScramSha512, Secret),
            $"{new DelegationToken("id", System.Text.Encoding.UTF8.GetBytes(Secret), new KafkaPrincipal("User", "alice"))}");

        SecretsSweep.AssertNone(all, Secret);
    }

    private static ISaslMechanism Mechanism(string kind) => kind switch
    {
        "PLAIN" => new SaslPlain("alice", Secret),
        "own" => new SaslPlain(_ => new(new SaslCredential("alice", Secret))),
        "SCRAM-SHA-256" => SaslScram.Sha256("alice", Secret),
        "SCRAM-SHA-512" => SaslScram.Sha512("alice", Secret),
        "delegation token" => DelegationToken(),
        "OAUTHBEARER" => new SaslOAuthBearer(_ => new(new OAuthToken(Secret))),
        _ => new SaslAwsMskIam("eu-west-1", _ => new(new AwsCredentials("alice", Secret, Secret))),
    };

    private static SaslScram DelegationToken()
    {
        SaslScram mechanism = SaslScram.Sha256("token-id", Secret);
        mechanism.IsDelegationToken = true;
        return mechanism;
    }

    private static SecurityOptions Broken(string kind, TokenServer server, TemporaryFolder files) => kind switch
    {
        "OIDC" or "OIDC answer" => Endpoint(server.Address, options => options.ClientSecret = Secret),
        "OIDC provider" => Endpoint(server.Address, options => options.ClientSecretProvider = _ => new(Secret)),
        "OIDC gone" => Endpoint(new Uri("http://127.0.0.1:1/token"), options => options.ClientSecret = Secret),
        "assertion" => Endpoint(server.Address, options => options.Assertion = _ => new(Secret)),
        "assertion key" => Endpoint(server.Address, options => options.SignAssertionsWith(new OAuthAssertionOptions
        {
            PrivateKeyFile = files.Write("key.pem", $"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{Secret}\n-----END ENCRYPTED PRIVATE KEY-----\n"),
            PrivateKeyPassphrase = Secret,
        })),
        "TLS key" => new SecurityOptions { Protocol = SecurityProtocol.Ssl, Tls = { CertificatePem = $"-----BEGIN CERTIFICATE-----\n{Secret}", KeyPem = $"-----BEGIN PRIVATE KEY-----\n{Secret}", KeyPassword = Secret, AuthorityPassword = Secret } },
        "TLS" => new SecurityOptions { Protocol = SecurityProtocol.Ssl, Tls = { CertificateFile = files.Write("c.p12", "no store"u8.ToArray()), KeyPassword = Secret } },
        "JAAS" => Properties(("sasl.jaas.config", $"PlainLoginModule required username=alice password=\"{Secret}\" = broken;")),
        _ => Properties(("sasl.jaas.config", $"PlainLoginModule required username=alice password=\"{Secret}\";"), ("ssl.keystore.password", Secret), ("sasl.password", Secret), ("ssl.key.password", Secret)),
    };

    private static SecurityOptions Endpoint(Uri address, Action<OAuthTokenOptions> set)
    {
        var options = new OAuthTokenOptions { TokenEndpoint = address, ClientId = "me", RequestTimeout = TimeSpan.FromSeconds(2) };
        set(options);
        return SecureCluster.Sasl(new SaslOAuthBearer(new OAuthTokenEndpoint(options)));
    }

    private static SecurityOptions Properties(params (string Name, string Value)[] more) => SecurityOptions.FromProperties(
        new Dictionary<string, string>(more.Select(p => KeyValuePair.Create(p.Name, p.Value))) { ["security.protocol"] = "SASL_PLAINTEXT", ["sasl.mechanism"] = "PLAIN" });
}
