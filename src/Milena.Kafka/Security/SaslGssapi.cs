using System.Net;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka;

/// <summary>SASL/GSSAPI: Kerberos, by the system's own libraries (RFC 4752).</summary>
/// <remarks>
/// On Linux these are <c>libgssapi_krb5</c> with <c>/etc/krb5.conf</c>: a ticket cache of <c>kinit</c> (<c>KRB5CCNAME</c>) or a client keytab
/// (<c>KRB5_CLIENT_KTNAME</c>) is used when no credential is given. Set the properties before the first use.
/// </remarks>
public sealed class SaslGssapi : ISaslMechanism
{
    private readonly Func<CancellationToken, ValueTask<NetworkCredential>>? _credentials;

    /// <summary>Authenticates with what the system has: ticket cache, client keytab or, on Windows, the user who is logged on.</summary>
    public SaslGssapi()
    {
    }

    /// <summary>Authenticates with a principal's password.</summary>
    /// <param name="credentials">Asked at each authentication; the domain is the realm.</param>
    public SaslGssapi(Func<CancellationToken, ValueTask<NetworkCredential>> credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        _credentials = credentials;
    }

    /// <inheritdoc/>
    public string Name => "GSSAPI";

    /// <summary>The first part of the brokers' principals, <c>kafka/host@REALM</c>.</summary>
    /// <value><c>kafka</c>.</value>
    /// <remarks>Kafka calls this <c>sasl.kerberos.service.name</c>.</remarks>
    public string ServiceName { get; set; } = "kafka";

    /// <inheritdoc/>
    public async ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        NetworkCredential credential = _credentials is null ? CredentialCache.DefaultNetworkCredentials : await _credentials(cancellationToken).ConfigureAwait(false);
        return new GssapiExchange($"{ServiceName}/{target.Host}", credential);
    }
}
