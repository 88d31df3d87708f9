using System.Net.Security;
using System.Security.Authentication;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka.Tests.Security;

/// <summary>Kafka's own property names.</summary>
public class SecurityPropertiesTests
{
    private const string Scram = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"alice\" password=\"s3c;r=t\\\"x\";";

    [Test]
    public void Nothing_is_plaintext() => Assert.That(SecurityOptions.FromProperties(new Dictionary<string, string> { ["bootstrap.servers"] = "b:1" }).Protocol, Is.EqualTo(SecurityProtocol.Plaintext));

    [Test]
    public void TLS_is_read_with_stores_and_versions()
    {
        SecurityOptions options = Read(
            ("security.protocol", "SSL"),
            ("ssl.enabled.protocols", "TLSv1.3"),
            ("ssl.truststore.location", "/etc/ca.pem"),
            ("ssl.truststore.type", "PEM"),
            ("ssl.keystore.location", "/etc/client.p12"),
            ("ssl.keystore.password", "p"),
            ("ssl.endpoint.identification.algorithm", ""));

        Assert.That(options.Protocol, Is.EqualTo(SecurityProtocol.Ssl));
        Assert.That(options.Tls.Versions, Is.EqualTo(SslProtocols.Tls13));
        Assert.That(options.Tls.AuthorityFile, Is.EqualTo("/etc/ca.pem"));
        Assert.That(options.Tls.CertificateFile, Is.EqualTo("/etc/client.p12"));
        Assert.That(options.Tls.DangerouslyAcceptAnyHostName);
    }

    [TestCase("SCRAM-SHA-256")]
    [TestCase("SCRAM-SHA-512")]
    public void SCRAM_is_read_out_of_a_JAAS_string(string mechanism)
    {
        SecurityOptions options = Read(("security.protocol", "SASL_SSL"), ("sasl.mechanism", mechanism), ("sasl.jaas.config", Scram));

        Assert.That(options.Sasl, Is.TypeOf<SaslScram>().With.Property("Name").EqualTo(mechanism));
        Assert.That(((SaslScram)options.Sasl!).IsDelegationToken, Is.False);
    }

    [Test]
    public void OAuth_is_read_with_the_endpoint_and_the_secret()
    {
        SecurityOptions options = Read(
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "OAUTHBEARER"),
            ("sasl.oauthbearer.token.endpoint.url", "https://id.example/token"),
            ("sasl.login.callback.handler.class", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler"),
            ("sasl.jaas.config", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId='c' clientSecret='s' scope='k' extension_logicalCluster='lkc-1';"));

        Assert.That(options.Sasl, Is.TypeOf<SaslOAuthBearer>());
    }

    [Test]
    public void Kerberos_is_what_SASL_means_when_nothing_is_said()
    {
        SecurityOptions options = Read(
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.kerberos.service.name", "broker"),
            ("sasl.jaas.config", "com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true;"));

        Assert.That(options.Sasl, Is.TypeOf<SaslGssapi>().With.Property("ServiceName").EqualTo("broker"));
    }

    // As Java's StreamTokenizer reads them, with which Kafka does it.
    [TestCase("x.Module REQUIRED a='b' c=\"d\";", "b", "d")]
    [TestCase("x.Module required // who\n a=b /* c=no; */ c=\"e;f\" ;", "b", "e;f")]
    [TestCase("Module sufficient a=\"q\\\"\\\\\\101\\n\" c='it\"s';", "q\"\\A\n", "it\"s")]
    [TestCase(" x.y.Module\toptional\r\n a = \"=\" c=\"\u00FC\";\n", "=", "\u00FC")]
    public void JAAS_strings_have_comments_quotes_and_escapes(string text, string a, string c)
    {
        JaasEntry entry = JaasEntry.Parse(text);

        Assert.That(entry.Module, Is.EqualTo("Module"));
        Assert.That((entry.Option("a"), entry.Option("c")), Is.EqualTo((a, c)));
    }

    [Test]
    public void Certificates_may_stand_in_the_properties_themselves()
    {
        SecurityOptions options = Read(
            ("security.protocol", "SSL"),
            ("ssl.truststore.type", "PEM"),
            ("ssl.truststore.certificates", "-----BEGIN CERTIFICATE-----a"),
            ("ssl.keystore.type", "PEM"),
            ("ssl.keystore.certificate.chain", "-----BEGIN CERTIFICATE-----b"),
            ("ssl.keystore.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----"),
            ("ssl.key.password", "p"),
            ("ssl.protocol", "TLSv1.3"));

        Assert.That(options.Tls.AuthorityPem, Does.EndWith("a"));
        Assert.That(options.Tls.CertificatePem, Does.EndWith("b"));
        Assert.That(options.Tls.PrivateKeyPem, Does.Contain("ENCRYPTED"));
        Assert.That(options.Tls.PrivateKeyPassword, Is.EqualTo("p"));
    }

    [Test]
    public void Cipher_suites_go_to_the_TLS_library_where_it_takes_them()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Only OpenSSL takes a list of suites.");
            return;
        }

        SecurityOptions options = Read(("security.protocol", "SSL"), ("ssl.cipher.suites", "TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
        var settings = new SslClientAuthenticationOptions();
        options.Tls.Configure!(settings);

        Assert.That(settings.CipherSuitesPolicy!.AllowedCipherSuites, Is.EqualTo(new[] { TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 }));
    }

    [Test]
    public void The_names_that_were_not_used_are_told()
    {
        SecurityOptions.FromProperties(
            new Dictionary<string, string>
            {
                ["security.protocol"] = "SSL",
                ["ssl.truststore.location"] = "/ca.pem",
                ["ssl.secure.random.implementation"] = "x",
                ["sasl.mechanism"] = "PLAIN",
                ["bootstrap.servers"] = "b:1",
                ["linger.ms"] = "5",
            },
            out IReadOnlyList<string> unused);
        SecurityOptions.FromProperties(new Dictionary<string, string> { ["ssl.truststore.location"] = "/ca.pem" }, out IReadOnlyList<string> withoutTls);

        Assert.That(unused, Is.EqualTo(new[] { "bootstrap.servers", "linger.ms", "sasl.mechanism" }));
        Assert.That(withoutTls, Is.EqualTo(new[] { "ssl.truststore.location" }));
    }

    [Test]
    public void Every_security_property_of_Kafkas_clients_is_used_or_refused_with_a_reason([ValueSource(nameof(KafkasNames))] string name)
    {
        var properties = new Dictionary<string, string> { ["security.protocol"] = "SASL_SSL", ["sasl.mechanism"] = "SCRAM-SHA-512", ["sasl.jaas.config"] = Scram };
        if (name.StartsWith("sasl.oauthbearer", StringComparison.Ordinal) || name.StartsWith("sasl.login", StringComparison.Ordinal))
        {
            properties["sasl.mechanism"] = "OAUTHBEARER";
            properties["sasl.jaas.config"] = "OAuthBearerLoginModule required clientId=a clientSecret=b;";
            properties["sasl.oauthbearer.token.endpoint.url"] = "https://id.example/token";
        }
        else if (name.StartsWith("sasl.kerberos", StringComparison.Ordinal))
        {
            properties.Remove("sasl.mechanism");
            properties.Remove("sasl.jaas.config");
        }

        properties.TryAdd(name, "1");
        try
        {
            SecurityOptions.FromProperties(properties, out IReadOnlyList<string> unused);
            Assert.That(unused, Is.Empty);
        }
        catch (ArgumentException refusal)
        {
            Assert.That(refusal.Message, Does.Not.Contain("not a security property that this client knows"));
        }
    }

    // SslConfigs, SaslConfigs, SecurityConfig and CommonClientConfigs of Kafka 4.3.
    private static string[] KafkasNames() =>
    [
        "security.protocol", "security.providers",
        .. Names("ssl.", "protocol provider cipher.suites enabled.protocols keystore.type keystore.key keystore.certificate.chain truststore.certificates keystore.location keystore.password "
            + "key.password truststore.type truststore.location truststore.password keymanager.algorithm trustmanager.algorithm endpoint.identification.algorithm secure.random.implementation engine.factory.class"),
        .. Names("sasl.", "mechanism jaas.config client.callback.handler.class login.callback.handler.class login.class kerberos.service.name kerberos.kinit.cmd kerberos.ticket.renew.window.factor "
            + "kerberos.ticket.renew.jitter kerberos.min.time.before.relogin login.refresh.window.factor login.refresh.window.jitter login.refresh.min.period.seconds login.refresh.buffer.seconds "
            + "login.connect.timeout.ms login.read.timeout.ms login.retry.backoff.max.ms login.retry.backoff.ms"),
        .. Names("sasl.oauthbearer.", "jwt.retriever.class jwt.validator.class scope client.credentials.client.id client.credentials.client.secret assertion.algorithm assertion.claim.aud "
            + "assertion.claim.exp.seconds assertion.claim.iss assertion.claim.jti.include assertion.claim.nbf.seconds assertion.claim.sub assertion.file assertion.private.key.file "
            + "assertion.private.key.passphrase assertion.template.file scope.claim.name sub.claim.name token.endpoint.url jwks.endpoint.url jwks.endpoint.refresh.ms "
            + "jwks.endpoint.retry.backoff.max.ms jwks.endpoint.retry.backoff.ms clock.skew.seconds expected.audience expected.issuer header.urlencode"),
    ];

    private static IEnumerable<string> Names(string prefix, string names) => names.Split(' ').Select(name => prefix + name);

    [TestCase("security.protocol", "TLS", "security.protocol must be")]
    [TestCase("ssl.truststore.type", "JKS", "keytool")]
    [TestCase("ssl.keystore.location", "/x/client.jks", "keytool")]
    [TestCase("ssl.engine.factory.class", "a.B", "belongs to Java")]
    [TestCase("ssl.cipher.suites", "TLS_NO_SUCH_SUITE", "does not know")]
    [TestCase("ssl.truststore.locaton", "/x", "ssl.truststore.locaton is not a security property")]
    [TestCase("sasl.mechanism", "CRAM-MD5", "sasl.mechanism must be")]
    [TestCase("sasl.jaas.config", "x.PlainLoginModule required username=\"a\" password=\"hidden-secret", "not closed")]
    [TestCase("sasl.jaas.config", "x.PlainLoginModule username=\"a\" password=\"hidden-secret\";", "form")]
    [TestCase("sasl.jaas.config", "x.PlainLoginModule required username=\"a\" password=\"hidden-secret\";", "ScramLoginModule was expected")]
    [TestCase("sasl.client.callback.handler.class", "a.B", "belongs to Java")]
    public void What_cannot_be_honoured_is_refused_by_name(string name, string value, string reason)
    {
        var properties = new Dictionary<string, string> { ["security.protocol"] = "SASL_SSL", ["sasl.mechanism"] = "SCRAM-SHA-512", ["sasl.jaas.config"] = Scram, [name] = value };

        ArgumentException fault = Assert.Throws<ArgumentException>(() => SecurityOptions.FromProperties(properties))!;

        Assert.That(fault.Message, Does.Contain(reason).And.Not.Contain("hidden-secret").And.Not.Contain("s3c"));
    }

    [Test]
    public void All_faults_come_in_one_message()
    {
        var options = new KafkaClientOptions { BootstrapServers = "b:1", Security = { Protocol = SecurityProtocol.SaslSsl, Tls = { AuthorityPem = "x", AuthorityFile = "y", KeyPem = "z" } } };

        Assert.That(
            () => new KafkaClient(options),
            Throws.ArgumentException.With.Message.Contains("names no mechanism").And.Message.Contains("more than one source of authorities").And.Message.Contains("KeyPem is set without"));
    }

    private static SecurityOptions Read(params (string Name, string Value)[] properties) =>
        SecurityOptions.FromProperties(properties.ToDictionary(property => property.Name, property => property.Value));
}
