using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Milena.Kafka.Security.Internal;

/// <summary>What TLS goes by at one time: whom to trust and what to show. Immutable; <see cref="Outdated"/> is set off when another has taken its place.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer and nothing to give back, and connections look at its token to their end.")]
internal sealed class TlsIdentity
{
    private readonly CancellationTokenSource _outdated = new();

    public TlsIdentity(string fingerprint, X509Certificate2Collection? authorities, SslStreamCertificateContext? client)
    {
        Fingerprint = fingerprint;
        Authorities = authorities;
        Client = client;
    }

    /// <summary>Differs when the sources differ.</summary>
    public string Fingerprint { get; }

    /// <summary>Null: the system's.</summary>
    public X509Certificate2Collection? Authorities { get; }

    /// <summary>Null: none.</summary>
    public SslStreamCertificateContext? Client { get; }

    public CancellationToken Outdated => _outdated.Token;

    /// <summary>Tells all who use it that there is a newer one.</summary>
    public Task RetireAsync() => _outdated.CancelAsync();
}
