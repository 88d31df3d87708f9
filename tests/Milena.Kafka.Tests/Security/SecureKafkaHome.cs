using System.Security.Cryptography.X509Certificates;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Security;

/// <summary>
/// What makes brokers of a Kafka distribution (3.9 to 4.x) secure: a SASL_SSL listener with PLAIN, both SCRAM and OAUTHBEARER, and an SSL listener that wants certificates of clients.
/// The brokers talk to each other on the plain listener. One store is PKCS#12, the other PEM.
/// </summary>
internal static class SecureKafkaHome
{
    public const string SaslListener = "CLIENTS";

    public const string TlsListener = "MUTUAL";

    public const string StorePassword = "store-secret-9";

    /// <summary>Writes the stores and says how brokers are to be started.</summary>
    /// <param name="certificates">Signs the brokers' certificate; what it signed for clients is trusted.</param>
    /// <param name="provider">Whose tokens are taken; brokers ask it for its keys.</param>
    /// <param name="files">Where the stores are put.</param>
    public static KafkaHomeOptions Options(TestCertificates certificates, IdentityProvider provider, TemporaryFolder files)
    {
        using X509Certificate2 server = certificates.CreateServer("127.0.0.1", "localhost");
        string keyStore = files.Write("broker.p12", server.Export(X509ContentType.Pkcs12, StorePassword));
        string trustStore = files.Write("clients.pem", certificates.AuthorityPem);
        return new KafkaHomeOptions
        {
            Listeners = [SaslListener, TlsListener],
            Properties = Properties(keyStore, trustStore, provider.KeyAddress),
            ScramCredentials = [.. new[] { "SCRAM-SHA-256", "SCRAM-SHA-512" }.Select(mechanism => $"{mechanism}=[name={SecureCluster.User},password={SecureCluster.Password}]")],

            // Since 3.9.1 a broker asks only those addresses for keys that its operator allows.
            JavaOptions = [$"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={provider.KeyAddress}"],
        };
    }

    public static Dictionary<string, string> Properties(string keyStore, string trustStore, Uri keys)
    {
        // Names of listeners are lower case in prefixes, names of mechanisms too.
        const string sasl = "listener.name.clients.";
        const string modules = "org.apache.kafka.common.security.";
        return new()
        {
            ["listener.security.protocol.map"] = $"PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,{SaslListener}:SASL_SSL,{TlsListener}:SSL",
            ["ssl.keystore.type"] = "PKCS12",
            ["ssl.keystore.location"] = keyStore,
            ["ssl.keystore.password"] = StorePassword,
            ["ssl.key.password"] = StorePassword,
            ["ssl.truststore.type"] = "PEM",
            ["ssl.truststore.location"] = trustStore,
            ["listener.name.mutual.ssl.client.auth"] = "required",
            [$"{sasl}sasl.enabled.mechanisms"] = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
            [$"{sasl}plain.sasl.jaas.config"] = $"{modules}plain.PlainLoginModule required user_{SecureCluster.User}=\"{SecureCluster.Password}\";",
            [$"{sasl}scram-sha-256.sasl.jaas.config"] = $"{modules}scram.ScramLoginModule required;",
            [$"{sasl}scram-sha-512.sasl.jaas.config"] = $"{modules}scram.ScramLoginModule required;",
            [$"{sasl}oauthbearer.sasl.jaas.config"] = $"{modules}oauthbearer.OAuthBearerLoginModule required;",
            [$"{sasl}oauthbearer.sasl.server.callback.handler.class"] = $"{modules}oauthbearer.OAuthBearerValidatorCallbackHandler",
            ["sasl.oauthbearer.jwks.endpoint.url"] = keys.ToString(),
            ["sasl.oauthbearer.expected.audience"] = IdentityProvider.Audience,

            // Short enough for a test to be renewed in.
            [$"{sasl}plain.connections.max.reauth.ms"] = "3000",
        };
    }
}
