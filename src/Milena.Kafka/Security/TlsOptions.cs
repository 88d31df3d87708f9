using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Milena.Kafka;

/// <summary>How TLS is spoken with brokers: whom to trust, which certificate to show, which versions to accept.</summary>
/// <remarks>
/// Files and the provider are looked at again every <see cref="ReloadInterval"/>. When what they hold has changed, new connections use it at once, and
/// open ones are replaced as soon as their requests are answered. A file that cannot be read any more leaves the last good state in use.
/// </remarks>
public sealed class TlsOptions
{
    /// <summary>The versions of TLS that are accepted.</summary>
    /// <value>1.2 and 1.3.</value>
    /// <remarks>Kafka calls this <c>ssl.enabled.protocols</c>.</remarks>
    public SslProtocols Versions { get; set; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The authorities that may have signed the brokers' certificates, instead of the system's.</summary>
    /// <value>Null: see <see cref="AuthorityPem"/> and <see cref="AuthorityFile"/>, else the system's.</value>
    public X509Certificate2Collection? Authorities { get; set; }

    /// <summary>The same as PEM text.</summary>
    /// <value>Null.</value>
    /// <remarks>Kafka calls this <c>ssl.truststore.certificates</c>.</remarks>
    public string? AuthorityPem { get; set; }

    /// <summary>The same as a file, PEM or PKCS#12; watched.</summary>
    /// <value>Null.</value>
    /// <remarks>Kafka calls this <c>ssl.truststore.location</c>.</remarks>
    public string? AuthorityFile { get; set; }

    /// <summary>The password of <see cref="AuthorityFile"/>, if that is PKCS#12.</summary>
    /// <value>Null.</value>
    /// <remarks>Kafka calls this <c>ssl.truststore.password</c>.</remarks>
    public string? AuthorityPassword { private get; set; }

    /// <summary>The certificate, with its private key, that is shown to brokers who ask for one.</summary>
    /// <value>Null: see the properties below; else none.</value>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>The certificate and its intermediates as PEM text.</summary>
    /// <value>Null.</value>
    /// <remarks>Kafka calls this <c>ssl.keystore.certificate.chain</c>.</remarks>
    public string? CertificatePem { get; set; }

    /// <summary>The private key of <see cref="CertificatePem"/> as PEM text; may be encrypted.</summary>
    /// <value>Null: the key stands in <see cref="CertificatePem"/>.</value>
    /// <remarks>Kafka calls this <c>ssl.keystore.key</c>.</remarks>
    public string? KeyPem { private get; set; }

    /// <summary>The certificate as a file, PEM with its intermediates, or PKCS#12 with its key; watched.</summary>
    /// <value>Null.</value>
    /// <remarks>Kafka calls this <c>ssl.keystore.location</c>.</remarks>
    public string? CertificateFile { get; set; }

    /// <summary>The private key of <see cref="CertificateFile"/> as a PEM file; watched.</summary>
    /// <value>Null: the key stands in <see cref="CertificateFile"/>.</value>
    public string? KeyFile { get; set; }

    /// <summary>The password of the private key or of the PKCS#12 file.</summary>
    /// <value>Null: not encrypted.</value>
    /// <remarks>Kafka calls this <c>ssl.key.password</c> or <c>ssl.keystore.password</c>.</remarks>
    public string? KeyPassword { private get; set; }

    /// <summary>Asked for the client certificate at each <see cref="ReloadInterval"/>, and before the first connection.</summary>
    /// <value>Null. A certificate with another thumbprint than the last replaces it.</value>
    public Func<CancellationToken, ValueTask<X509Certificate2?>>? ClientCertificateProvider { get; set; }

    /// <summary>Takes a certificate of any name for a broker, so that whoever holds one that the authorities signed can pose as the broker.</summary>
    /// <value>False: the certificate must name the host that was connected to.</value>
    /// <remarks>Kafka spells it <c>ssl.endpoint.identification.algorithm</c> with an empty value.</remarks>
    public bool DangerouslyAcceptAnyHostName { get; set; }

    /// <summary>Decides on a broker's certificate in place of all other checks.</summary>
    /// <value>Null: chain, validity and host name are checked.</value>
    public RemoteCertificateValidationCallback? ServerCertificateValidation { get; set; }

    /// <summary>Whether and where it is asked if a broker's certificate has been revoked.</summary>
    /// <value><see cref="X509RevocationMode.NoCheck"/>.</value>
    public X509RevocationMode RevocationMode { get; set; } = X509RevocationMode.NoCheck;

    /// <summary>Changes what is handed to the TLS library, such as cipher suites, just before each handshake.</summary>
    /// <value>Null.</value>
    public Action<SslClientAuthenticationOptions>? Configure { get; set; }

    /// <summary>How often files and the provider are looked at.</summary>
    /// <value>1 min.</value>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override string ToString() => $"TLS {Versions}";

    internal string? AuthorityFilePassword => AuthorityPassword;

    internal string? PrivateKeyPem => KeyPem;

    internal string? PrivateKeyPassword => KeyPassword;

    internal bool IsWatched => AuthorityFile is not null || CertificateFile is not null || ClientCertificateProvider is not null;

    internal TlsOptions Clone() => (TlsOptions)MemberwiseClone();

    internal IEnumerable<string> Faults(bool isUsed)
    {
        int certificates = Count(ClientCertificate is not null, CertificatePem is not null, CertificateFile is not null, ClientCertificateProvider is not null);
        int authorities = Count(Authorities is not null, AuthorityPem is not null, AuthorityFile is not null);
        if (certificates > 1)
        {
            yield return "Security.Tls names more than one source of the client certificate; keep one of ClientCertificate, CertificatePem, CertificateFile and ClientCertificateProvider.";
        }

        if (authorities > 1)
        {
            yield return "Security.Tls names more than one source of authorities; keep one of Authorities, AuthorityPem and AuthorityFile.";
        }

        if (!isUsed && certificates + authorities > 0)
        {
            yield return "Security.Tls names certificates, but Security.Protocol does not use TLS; take Ssl or SaslSsl.";
        }

        if (ClientCertificate is { HasPrivateKey: false })
        {
            yield return "Security.Tls.ClientCertificate has no private key.";
        }

        if (KeyPem is not null && CertificatePem is null)
        {
            yield return "Security.Tls.KeyPem is set without CertificatePem.";
        }

        if (KeyFile is not null && CertificateFile is null)
        {
            yield return "Security.Tls.KeyFile is set without CertificateFile.";
        }

        if (ReloadInterval <= TimeSpan.Zero || ReloadInterval.TotalMilliseconds > int.MaxValue)
        {
            yield return $"Security.Tls.ReloadInterval is {ReloadInterval}; it must be above zero and below 24 days.";
        }
    }

    private static int Count(params bool[] set) => set.Count(isSet => isSet);
}
