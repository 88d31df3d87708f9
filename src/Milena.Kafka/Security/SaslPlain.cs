using Milena.Kafka.Security.Internal;

namespace Milena.Kafka;

/// <summary>SASL/PLAIN: name and password as they are (RFC 4616). Only TLS keeps them from being read on the way.</summary>
public sealed class SaslPlain : ISaslMechanism
{
    private readonly Func<CancellationToken, ValueTask<SaslCredential>> _credentials;

    /// <summary>Authenticates with a fixed password.</summary>
    /// <param name="userName">The user's name.</param>
    /// <param name="password">The password.</param>
    public SaslPlain(string userName, string password) : this(Fixed(new SaslCredential(userName, password)))
    {
    }

    /// <summary>Authenticates with credentials that may change.</summary>
    /// <param name="credentials">Asked at each authentication.</param>
    public SaslPlain(Func<CancellationToken, ValueTask<SaslCredential>> credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        _credentials = credentials;
    }

    /// <inheritdoc/>
    public string Name => "PLAIN";

    /// <inheritdoc/>
    public async ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken)
    {
        SaslCredential credential = await _credentials(cancellationToken).ConfigureAwait(false);
        return new SingleMessageExchange(PlainMessage.Of(credential), credential.Password);
    }

    private static Func<CancellationToken, ValueTask<SaslCredential>> Fixed(SaslCredential credential) => _ => new(credential);
}
