using System.Text;
using System.Text.Json;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Security;

/// <summary>kcat and kafkajs over TLS and SASL against the embedded cluster: what its side of both is worth.</summary>
[CancelAfter(120_000)]
public class ForeignClientSecurityTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [TestCase("SSL", "")]
    [TestCase("SASL_PLAINTEXT", "PLAIN")]
    [TestCase("SASL_SSL", "PLAIN")]
    [TestCase("SASL_PLAINTEXT", "SCRAM-SHA-256")]
    [TestCase("SASL_SSL", "SCRAM-SHA-256")]
    [TestCase("SASL_PLAINTEXT", "SCRAM-SHA-512")]
    [TestCase("SASL_SSL", "SCRAM-SHA-512")]
    public async Task Kcat_reads_what_it_wrote(string protocol, string mechanism, CancellationToken cancellationToken)
    {
        if (!Kcat.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        if (mechanism.StartsWith("SCRAM", StringComparison.Ordinal) && (await Kcat.RunNewestAsync("", Limit, cancellationToken, "-V")).Text.Contains("librdkafka 2.0", StringComparison.Ordinal))
        {
            Assert.Ignore($"kcat is linked with librdkafka 2.0, whose last SCRAM message repeats the client's nonce; RFC 5802 and current brokers refuse it. {Librdkafka.Variable} may name a newer one.");
        }

        using var files = new TemporaryFolder();
        var tls = new TestTlsOptions();
        await using TestCluster cluster = await StartAsync(protocol, tls, cancellationToken);
        string[] security =
        [
            "-b", cluster.BootstrapServers, "-X", $"security.protocol={protocol}", "-X", $"ssl.ca.location={files.Write("ca.pem", tls.Certificates.AuthorityPem)}",
            .. mechanism.Length == 0 ? [] : new[] { "-X", $"sasl.mechanisms={mechanism}", "-X", $"sasl.username={SecureCluster.User}", "-X", $"sasl.password={SecureCluster.Password}" },
        ];

        (await Kcat.RunNewestAsync("one\ntwo\n", Limit, cancellationToken, [.. security, "-P", "-t", "t"])).EnsureSuccess();
        ProcessResult read = (await Kcat.RunNewestAsync("", Limit, cancellationToken, [.. security, "-C", "-t", "t", "-e", "-q"])).EnsureSuccess();

        Assert.That(read.Lines, Is.EqualTo(new[] { "one", "two" }));
    }

    [TestCase("SSL", "")]
    [TestCase("SASL_PLAINTEXT", "plain")]
    [TestCase("SASL_SSL", "plain")]
    [TestCase("SASL_PLAINTEXT", "scram-sha-256")]
    [TestCase("SASL_SSL", "scram-sha-256")]
    [TestCase("SASL_PLAINTEXT", "scram-sha-512")]
    [TestCase("SASL_SSL", "scram-sha-512")]
    [TestCase("SASL_SSL", "oauthbearer")]
    public async Task Kafkajs_reads_what_it_wrote(string protocol, string mechanism, CancellationToken cancellationToken)
    {
        if (!NodeClient.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        var tls = new TestTlsOptions();
        await using TestCluster cluster = await StartAsync(protocol, tls, cancellationToken);
        var security = new Dictionary<string, object>();
        if (protocol.EndsWith("SSL", StringComparison.Ordinal))
        {
            security["ssl"] = new { ca = new[] { tls.Certificates.AuthorityPem }, servername = "localhost" };
        }

        if (mechanism.Length > 0)
        {
            security["sasl"] = new { mechanism, username = SecureCluster.User, password = SecureCluster.Password, token = SecureCluster.Password };
        }

        cluster.CreateTopic("t");
        IReadOnlyList<NodeRecord> read = await NodeClient.EchoAsync(
            cluster.BootstrapServers, "t", [new NodeRecord { Value = "v"u8.ToArray() }], JsonSerializer.Serialize(security), Limit, cancellationToken);

        Assert.That(Encoding.UTF8.GetString(read.Single().Value!), Is.EqualTo("v"));
    }

    private static Task<TestCluster> StartAsync(string protocol, TestTlsOptions tls, CancellationToken cancellationToken) => SecureCluster.StartAsync(
        new TestSecurityOptions
        {
            Tls = protocol.EndsWith("SSL", StringComparison.Ordinal) ? tls : null,
            Sasl = protocol.StartsWith("SASL", StringComparison.Ordinal) ? Sasl() : null,
        },
        cancellationToken);

    private static TestSaslOptions Sasl()
    {
        TestSaslOptions sasl = SecureCluster.Sasl("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER");
        sasl.TokenValidator = (token, _) => new(token == SecureCluster.Password ? TestTokenVerdict.Accept(SecureCluster.User) : TestTokenVerdict.Refuse());
        return sasl;
    }
}
