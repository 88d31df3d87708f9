using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Milena.Kafka.Testing;

/// <summary>A certificate authority for tests, and the certificates that it signs: good ones and bad ones. Keys are on the curve P-256. Thread-safe.</summary>
public sealed class TestCertificates
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    private readonly TimeProvider _timeProvider;

    /// <summary>Makes an authority.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="timeProvider">The clock that certificates are dated by; the system's if left out.</param>
    public TestCertificates(string name = "Milena test authority", TimeProvider? timeProvider = null)
    {
        _timeProvider = timeProvider ?? TimeProvider.System;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = _timeProvider.GetUtcNow();
        Authority = Usable(request.CreateSelfSigned(now.AddYears(-1), now.AddYears(10)));
    }

    /// <summary>The authority's own certificate, with its key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The authority's certificate as PEM, for clients to trust.</summary>
    public string AuthorityPem => Authority.ExportCertificatePem();

    /// <summary>Signs a certificate for a broker.</summary>
    /// <param name="hosts">The names and addresses that it is for.</param>
    public X509Certificate2 CreateServer(params string[] hosts)
    {
        DateTimeOffset now = _timeProvider.GetUtcNow();
        return CreateServer(hosts, now.AddDays(-1), now.AddYears(1));
    }

    /// <summary>Signs a certificate for a broker, with a validity of the caller's, which may be over.</summary>
    /// <param name="hosts">The names and addresses that it is for.</param>
    /// <param name="notBefore">The beginning of its validity.</param>
    /// <param name="notAfter">The end of its validity.</param>
    public X509Certificate2 CreateServer(IReadOnlyList<string> hosts, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        return Sign($"CN={(hosts.Count > 0 ? hosts[0] : "broker")}", hosts, ServerPurpose, notBefore, notAfter);
    }

    /// <summary>Signs a certificate for a client.</summary>
    /// <param name="name">Its common name; brokers know it as <c>User:CN=name</c>.</param>
    public X509Certificate2 CreateClient(string name)
    {
        DateTimeOffset now = _timeProvider.GetUtcNow();
        return Sign($"CN={name}", [], ClientPurpose, now.AddDays(-1), now.AddYears(1));
    }

    /// <summary>A certificate with its key as PEM.</summary>
    /// <param name="certificate">A certificate that one of these made.</param>
    public static string ToPem(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using ECDsa key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("The certificate has no key.", nameof(certificate));
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private X509Certificate2 Sign(string subject, IReadOnlyList<string> hosts, string purpose, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (hosts.Count > 0)
        {
            request.CertificateExtensions.Add(NamesOf(hosts));
        }

        DateTimeOffset begin = notBefore > Authority.NotBefore ? notBefore : Authority.NotBefore;
        using X509Certificate2 signed = request.Create(Authority, begin, notAfter, RandomNumberGenerator.GetBytes(12));
        return Usable(signed.CopyWithPrivateKey(key));
    }

    private static X509Extension NamesOf(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    // Some TLS libraries take no keys that are in memory only.
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        }
    }
}
