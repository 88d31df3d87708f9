using System.Security.Authentication;

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

    [TestCase("security.protocol", "TLS", "security.protocol must be")]
    [TestCase("ssl.truststore.type", "JKS", "keytool")]
    [TestCase("ssl.keystore.location", "/x/client.jks", "keytool")]
    [TestCase("ssl.engine.factory.class", "a.B", "belongs to Java")]
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
