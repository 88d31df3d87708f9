using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Milena.Kafka.Testing;

/// <summary>TLS on the listeners of a <see cref="TestCluster"/>.</summary>
public sealed class TestTlsOptions
{
    /// <summary>Signs what has to be signed, and is trusted by brokers to sign clients' certificates.</summary>
    /// <value>A new authority.</value>
    public TestCertificates Certificates { get; set; } = new();

    /// <summary>Gives the certificate, with its key, that brokers show; asked at each handshake, so that it may change.</summary>
    /// <value><see langword="null"/>: one for <c>localhost</c> and the cluster's address, signed by <see cref="Certificates"/>.</value>
    public Func<X509Certificate2>? ServerCertificate { get; set; }

    /// <summary>Whether clients must show a certificate.</summary>
    /// <value><see cref="TestClientCertificates.None"/>.</value>
    /// <remarks>Kafka calls this <c>ssl.client.auth</c>. A client without SASL is then known as <c>User:</c> and the subject of its certificate.</remarks>
    public TestClientCertificates ClientCertificates { get; set; }

    /// <summary>The versions that brokers speak.</summary>
    /// <value>1.2 and 1.3.</value>
    public SslProtocols Versions { get; set; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    internal TestTlsOptions Copy() => (TestTlsOptions)MemberwiseClone();
}
