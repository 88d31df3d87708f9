using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Security;

/// <summary>How far a client has come with SASL on one connection. Owned by the loop of the connection.</summary>
internal sealed class SaslSession(BrokerSecurity security, TimeProvider time) : IDisposable
{
    private ISaslServer? _server;
    private string? _mechanism;
    private string? _user;
    private DateTimeOffset _expiresAt = DateTimeOffset.MaxValue;

    /// <summary>Whether a client may use the listener as it stands.</summary>
    public bool IsOpen => security.Sasl is null || (_user is not null && _server is null && time.GetUtcNow() < _expiresAt);

    /// <summary>Whether SASL has come to its end once.</summary>
    public bool WasOpened => _user is not null;

    /// <summary>Who the client is; null until SASL has come to its end.</summary>
    public string? User => _user;

    /// <summary>Whether the client showed a delegation token.</summary>
    public bool IsByToken { get; private set; }

    /// <summary>Whether messages come without a request around them, as after version 0 of the handshake.</summary>
    public bool IsBare { get; private set; }

    public ErrorCode Begin(string mechanism, bool isBare)
    {
        if (security.Sasl is null)
        {
            return ErrorCode.IllegalSaslState;
        }

        if (security.CreateServer(mechanism) is not { } server)
        {
            return ErrorCode.UnsupportedSaslMechanism;
        }

        _server?.Dispose();
        _server = server;
        IsBare = isBare;
        return ErrorCode.None;
    }

    /// <summary>Takes a message of the client.</summary>
    /// <returns>What to answer; the lifetime is zero while there is more to come, or no end.</returns>
    public async ValueTask<(ErrorCode Error, string? Message, byte[] Answer, TimeSpan Lifetime)> AuthenticateAsync(byte[] message, CancellationToken cancellationToken)
    {
        if (_server is not { } server)
        {
            return (ErrorCode.IllegalSaslState, "SaslAuthenticate request received before a SaslHandshake", [], TimeSpan.Zero);
        }

        SaslStep step = await server.EvaluateAsync(message, cancellationToken).ConfigureAwait(false);
        string? refusal = step.Refusal;
        if (refusal is null && step.User is { } user && _user is not null && (user != _user || server.Mechanism != _mechanism))
        {
            // KIP-368: a session cannot pass to someone else.
            refusal = "Cannot change principals or mechanisms during re-authentication";
        }

        if (refusal is not null)
        {
            return (ErrorCode.SaslAuthenticationFailed, refusal, [], TimeSpan.Zero);
        }

        if (step.User is null)
        {
            return (ErrorCode.None, null, step.Answer, TimeSpan.Zero);
        }

        _user = step.User;
        IsByToken = step.IsByToken;
        _mechanism = server.Mechanism;
        server.Dispose();
        _server = null;
        IsBare = false;
        return (ErrorCode.None, null, step.Answer, Open(step.ExpiresAt));
    }

    public void Dispose() => _server?.Dispose();

    private TimeSpan Open(DateTimeOffset? tokenEnd)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset end = security.Sasl!.SessionLifetime is { } lifetime ? now + lifetime : DateTimeOffset.MaxValue;
        _expiresAt = tokenEnd < end ? tokenEnd.Value : end;
        return _expiresAt == DateTimeOffset.MaxValue ? TimeSpan.Zero : _expiresAt - now;
    }
}
