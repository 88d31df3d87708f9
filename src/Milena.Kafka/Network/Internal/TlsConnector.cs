using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka.Network.Internal;

/// <summary>Puts TLS over what another connector opens.</summary>
internal sealed class TlsConnector(ITransportConnector inner, TlsCredentials credentials, TlsOptions options) : ITransportConnector
{
    /// <summary>What authentication exceptions name in the place of a SASL mechanism.</summary>
    public const string Mechanism = "TLS";

    /// <inheritdoc/>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken)
    {
        string name = EndpointName.Of(endpoint);
        TlsIdentity identity = await IdentityAsync(name, cancellationToken).ConfigureAwait(false);
        Stream transport = await inner.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
        var tls = new TlsStream(transport, identity.Outdated);
        var verdict = new CertificateVerdict(options, endpoint.Host);
        try
        {
            await tls.AuthenticateAsClientAsync(Settings(endpoint, identity, verdict), cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch (Exception fault)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            KafkaException? told = TlsFault.Of(name, verdict.Fault, fault);
            if (told is ConnectionException && await PlaintextProbe.AnswersAsync(inner, endpoint, credentials.TimeProvider, cancellationToken).ConfigureAwait(false))
            {
                told = TlsFault.NoTls(name, fault);
            }

            if (told is not null)
            {
                throw told;
            }

            throw;
        }
    }

    private async ValueTask<TlsIdentity> IdentityAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await credentials.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new AuthenticationException(name, Mechanism, $"{name} was not connected to: the certificates for TLS cannot be read. {fault.Message}", fault);
        }
    }

    private SslClientAuthenticationOptions Settings(DnsEndPoint endpoint, TlsIdentity identity, CertificateVerdict verdict)
    {
        var policy = new X509ChainPolicy { RevocationMode = options.RevocationMode };
        if (identity.Authorities is { } authorities)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        var settings = new SslClientAuthenticationOptions
        {
            TargetHost = endpoint.Host,
            EnabledSslProtocols = options.Versions,
            CertificateChainPolicy = policy,
            CertificateRevocationCheckMode = options.RevocationMode,
            ClientCertificateContext = identity.Client,
            RemoteCertificateValidationCallback = verdict.Judge,
        };
        options.Configure?.Invoke(settings);
        return settings;
    }
}
