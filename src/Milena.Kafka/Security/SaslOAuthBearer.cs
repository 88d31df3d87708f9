using Milena.Kafka.Security.Internal;

namespace Milena.Kafka;

/// <summary>SASL/OAUTHBEARER: a token of an OAuth 2 server (RFC 7628, KIP-255).</summary>
public sealed class SaslOAuthBearer : ISaslMechanism
{
    private readonly Func<CancellationToken, ValueTask<OAuthToken>> _tokens;
    private readonly Action<OAuthToken>? _refused;

    /// <summary>Authenticates with tokens from wherever.</summary>
    /// <param name="tokens">Asked at each authentication, also for the renewal of sessions. It keeps tokens itself if it wants to.</param>
    public SaslOAuthBearer(Func<CancellationToken, ValueTask<OAuthToken>> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        _tokens = tokens;
    }

    /// <summary>Authenticates with tokens from a token endpoint.</summary>
    /// <param name="tokens">Fetches and keeps the tokens.</param>
    public SaslOAuthBearer(OAuthTokenEndpoint tokens) : this((tokens ?? throw new ArgumentNullException(nameof(tokens))).GetTokenAsync)
    {
        _refused = tokens.Forget;
    }

    /// <inheritdoc/>
    public string Name => "OAUTHBEARER";

    /// <inheritdoc/>
    public async ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken) =>
        new OAuthBearerExchange(await _tokens(cancellationToken).ConfigureAwait(false), _refused);
}
