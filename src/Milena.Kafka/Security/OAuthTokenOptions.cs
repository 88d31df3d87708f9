using System.Security.Cryptography;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka;

/// <summary>How tokens are fetched from the token endpoint of an OAuth 2 server: with a client's secret (KIP-768) or with a signed assertion (KIP-1139).</summary>
/// <remarks>Secrets can be set but not read.</remarks>
public sealed class OAuthTokenOptions
{
    /// <summary>The token endpoint.</summary>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.token.endpoint.url</c>. Take https: the secret is sent there.</remarks>
    public Uri? TokenEndpoint { get; set; }

    /// <summary>The client's id.</summary>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.client.credentials.client.id</c>.</remarks>
    public string? ClientId { get; set; }

    /// <summary>The client's secret.</summary>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.client.credentials.client.secret</c>.</remarks>
    public string? ClientSecret { private get; set; }

    /// <summary>Asked for the client's secret at each fetch, in place of <see cref="ClientSecret"/>.</summary>
    public Func<CancellationToken, ValueTask<string>>? ClientSecretProvider { get; set; }

    /// <summary>The scope that is asked for.</summary>
    /// <value>Null: the server's default.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.scope</c>.</remarks>
    public string? Scope { get; set; }

    /// <summary>Whether id and secret are URL-encoded before they go into the header, as RFC 6749 asks and some servers do not expect.</summary>
    /// <value>False, as in Kafka.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.header.urlencode</c> (KIP-1025).</remarks>
    public bool UrlEncodeHeader { get; set; }

    /// <summary>Gives the assertion for the grant <c>jwt-bearer</c> (RFC 7523), asked at each fetch. When it is set, the client's secret is not used.</summary>
    /// <value>Null: the grant is <c>client_credentials</c>.</value>
    /// <remarks>A file: <c>ct => new(File.ReadAllText("assertion.jwt"))</c>. One that is signed here: <see cref="SignAssertionsWith(RSA, string, string, string, string?)"/>.</remarks>
    public Func<CancellationToken, ValueTask<string>>? Assertion { get; set; }

    /// <summary>SASL extensions that go with every token.</summary>
    public IDictionary<string, string> Extensions { get; } = new Dictionary<string, string>();

    /// <summary>Sends the requests.</summary>
    /// <value>Null: a client of its own. It is not disposed.</value>
    public HttpClient? HttpClient { get; set; }

    /// <summary>How long one request may take.</summary>
    /// <value>10 s.</value>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The part of a token's life after which a new one is fetched.</summary>
    /// <value>0.8. While the server fails, the old one is used to its end.</value>
    /// <remarks>Kafka calls this <c>sasl.login.refresh.window.factor</c>.</remarks>
    public double RefreshAfter { get; set; } = 0.8;

    /// <summary>The clock.</summary>
    /// <value>The system's.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal string? Secret => ClientSecret;

    /// <summary>Makes assertions here and signs them with an RSA key (RS256); each is valid for five minutes.</summary>
    /// <param name="key">The private key.</param>
    /// <param name="issuer">Who says it (<c>iss</c>).</param>
    /// <param name="subject">Of whom (<c>sub</c>).</param>
    /// <param name="audience">To whom (<c>aud</c>), often the token endpoint.</param>
    /// <param name="keyId">Which of the issuer's keys it is (<c>kid</c>); null if it has one.</param>
    public void SignAssertionsWith(RSA key, string issuer, string subject, string audience, string? keyId = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        SignAssertions("RS256", bytes => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), issuer, subject, audience, keyId);
    }

    /// <summary>Makes assertions here and signs them with a key on the curve P-256 (ES256); each is valid for five minutes.</summary>
    /// <inheritdoc cref="SignAssertionsWith(RSA, string, string, string, string?)"/>
    public void SignAssertionsWith(ECDsa key, string issuer, string subject, string audience, string? keyId = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        SignAssertions("ES256", bytes => key.SignData(bytes, HashAlgorithmName.SHA256), issuer, subject, audience, keyId);
    }

    /// <summary>Makes assertions here and signs them with a key from a file, which may be replaced at any time (KIP-1139).</summary>
    /// <param name="assertion">Claims and key; copied.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message has all faults.</exception>
    public void SignAssertionsWith(OAuthAssertionOptions assertion)
    {
        ArgumentNullException.ThrowIfNull(assertion);
        string[] faults = [.. assertion.Faults()];
        if (faults.Length > 0)
        {
            throw new ArgumentException($"{nameof(OAuthAssertionOptions)}: {string.Join(" ", faults)}", nameof(assertion));
        }

        var files = new JwtAssertionFiles(assertion.Clone());
        Assertion = cancellationToken => files.CreateAsync(TimeProvider.GetUtcNow(), cancellationToken);
    }

    internal OAuthTokenOptions Clone() => (OAuthTokenOptions)MemberwiseClone();

    internal IEnumerable<string> Faults()
    {
        if (TokenEndpoint is not { IsAbsoluteUri: true } || TokenEndpoint.Scheme is not ("https" or "http"))
        {
            yield return "TokenEndpoint is not an absolute http or https address.";
        }

        if (Assertion is null && (string.IsNullOrEmpty(ClientId) || (string.IsNullOrEmpty(ClientSecret) && ClientSecretProvider is null)))
        {
            yield return "Neither ClientId with ClientSecret nor Assertion is set.";
        }

        if (RequestTimeout <= TimeSpan.Zero)
        {
            yield return $"RequestTimeout is {RequestTimeout}; it must be above zero.";
        }

        if (RefreshAfter is not (> 0 and <= 1))
        {
            yield return $"RefreshAfter is {RefreshAfter}; it must be above 0 and at most 1.";
        }
    }

    private void SignAssertions(string algorithm, Func<byte[], byte[]> sign, string issuer, string subject, string audience, string? keyId) =>
        Assertion = _ =>
        {
            JwtAssertion assertion = new JwtAssertion().Claim("iss", issuer).Claim("sub", subject).Claim("aud", audience);
            if (keyId is not null)
            {
                assertion.Header["kid"] = keyId;
            }

            return new(assertion.Sign(algorithm, TimeProvider.GetUtcNow(), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1), hasId: true, sign));
        };
}
