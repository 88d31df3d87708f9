using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Security;

/// <summary>Under failure, nothing that a person may see holds a secret.</summary>
[CancelAfter(60_000)]
public class SecretsTests
{
    private const string Secret = "TopSecret-9f8e7d";

    [Test]
    public async Task No_secret_is_in_logs_exceptions_or_dumps(
        [Values("PLAIN", "SCRAM-SHA-512", "OAUTHBEARER", "OIDC", "AWS_MSK_IAM", "TLS", "JAAS")] string kind, CancellationToken cancellationToken)
    {
        TestSaslOptions sasl = SecureCluster.Sasl("PLAIN", "SCRAM-SHA-512", "OAUTHBEARER");
        sasl.TokenValidator = (token, _) => new(TestTokenVerdict.Refuse($"refused {token}"));
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl }, cancellationToken);
        await using var server = new TokenServer { Answer = _ => (400, $"bad secret {Secret}") };
        using var files = new TemporaryFolder();
        using var log = new RecordingLoggerFactory();
        var seen = new List<string>();
        try
        {
            SecurityOptions security = Security(kind, server, files);
            seen.Add($"{security} {security.Tls} {security.Sasl}");
            seen.Add(Dump(security) + Dump(security.Tls) + (security.Sasl is { } mechanism ? Dump(mechanism) : ""));
            await using KafkaClient kafka = SecureCluster.Client(cluster, security, options => options.LoggerFactory = log);
            await kafka.CreateAdmin().CreateTopicAsync(new Milena.Kafka.NewTopic("t"), cancellationToken);
            Assert.Fail("It should not have been let in.");
        }
        catch (Exception failure) when (failure is KafkaException or ArgumentException)
        {
            seen.Add(failure.ToString());
        }

        seen.AddRange(log.Events.Select(logged => logged.ToString()));
        string all = string.Join('\n', seen);
        Assert.That(all, Does.Not.Contain(Secret));
        Assert.That(all, Does.Not.Contain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret))));
    }

    private static SecurityOptions Security(string kind, TokenServer server, TemporaryFolder files) => kind switch
    {
        "PLAIN" => SecureCluster.Sasl(new SaslPlain("alice", Secret)),
        "SCRAM-SHA-512" => SecureCluster.Sasl(SaslScram.Sha512("alice", Secret)),
        "OAUTHBEARER" => SecureCluster.Sasl(new SaslOAuthBearer(_ => new(new OAuthToken(Secret)))),
        "OIDC" => SecureCluster.Sasl(new SaslOAuthBearer(new OAuthTokenEndpoint(new OAuthTokenOptions { TokenEndpoint = server.Address, ClientId = "me", ClientSecret = Secret }))),
        "AWS_MSK_IAM" => SecureCluster.Sasl(new SaslAwsMskIam("eu-west-1", _ => new(new AwsCredentials("id", Secret, Secret)))),
        "TLS" => new SecurityOptions { Protocol = SecurityProtocol.Ssl, Tls = { CertificateFile = files.Write("c.p12", "no store"u8.ToArray()), KeyPassword = Secret } },
        _ => SecurityOptions.FromProperties(new Dictionary<string, string>
        {
            ["security.protocol"] = "SASL_PLAINTEXT",
            ["sasl.mechanism"] = "PLAIN",
            ["sasl.jaas.config"] = $"PlainLoginModule required username=alice password=\"{Secret}\" = broken;",
        }),
    };

    // What a debugger, a serializer or a configuration dump sees: public properties.
    private static string Dump(object options) => string.Join(' ', options.GetType().GetProperties()
        .Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
        .Select(property => $"{property.Name}={property.GetValue(options)}"));
}
