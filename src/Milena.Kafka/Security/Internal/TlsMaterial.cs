using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Milena.Kafka.Security.Internal;

/// <summary>Reads certificates and keys out of PEM and PKCS#12. No state.</summary>
internal static class TlsMaterial
{
    private static readonly byte[] JksMagic = [0xFE, 0xED, 0xFE, 0xED];
    private static readonly byte[] JceksMagic = [0xCE, 0xCE, 0xCE, 0xCE];

    /// <summary>All certificates of a trust store.</summary>
    /// <exception cref="CryptographicException">There are none, or they cannot be read.</exception>
    public static X509Certificate2Collection Authorities(byte[] content, string? password, string what)
    {
        RefuseJavaStore(content, what);
        var found = new X509Certificate2Collection();
        if (IsPem(content))
        {
            found.ImportFromPem(Encoding.UTF8.GetString(content));
        }
        else
        {
            found = X509CertificateLoader.LoadPkcs12Collection(content, password);
        }

        return found.Count > 0 ? found : throw new CryptographicException($"{what} holds no certificate.");
    }

    /// <summary>A certificate with its key, and the intermediates that came with it.</summary>
    /// <param name="content">PEM or PKCS#12.</param>
    /// <param name="key">The key as PEM, if it is not in <paramref name="content"/>.</param>
    /// <param name="password">Of the key or the PKCS#12 file.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <exception cref="CryptographicException">It cannot be read.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Certificate(byte[] content, string? key, string? password, string what)
    {
        RefuseJavaStore(content, what);
        return IsPem(content) ? FromPem(Encoding.UTF8.GetString(content), key, password) : FromPkcs12(content, password, what);
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) FromPem(string pem, string? key, string? password)
    {
        key ??= pem;
        X509Certificate2 certificate = password is not null && key.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal)
            ? X509Certificate2.CreateFromEncryptedPem(pem, key, password)
            : X509Certificate2.CreateFromPem(pem, key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem);
        if (OperatingSystem.IsWindows())
        {
            // Schannel does not take keys that are in memory only.
            using X509Certificate2 inMemory = certificate;
            certificate = X509CertificateLoader.LoadPkcs12(inMemory.Export(X509ContentType.Pkcs12), null);
        }

        return (certificate, Others(chain, certificate));
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) FromPkcs12(byte[] content, string? password, string what)
    {
        X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12Collection(content, password);
        X509Certificate2 certificate = all.FirstOrDefault(one => one.HasPrivateKey) ?? throw new CryptographicException($"{what} holds no certificate with a private key.");
        return (certificate, Others(all, certificate));
    }

    private static X509Certificate2Collection Others(X509Certificate2Collection all, X509Certificate2 certificate) =>
        [.. all.Where(one => one.Thumbprint != certificate.Thumbprint)];

    private static bool IsPem(byte[] content) => content.AsSpan().IndexOf("-----BEGIN"u8) >= 0;

    private static void RefuseJavaStore(byte[] content, string what)
    {
        if (content.AsSpan().StartsWith(JksMagic) || content.AsSpan().StartsWith(JceksMagic))
        {
            throw new CryptographicException($"{what} is a JKS store, which only Java reads; convert it with 'keytool -importkeystore -deststoretype PKCS12', or export PEM.");
        }
    }
}
