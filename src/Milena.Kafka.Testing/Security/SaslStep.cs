namespace Milena.Kafka.Testing.Security;

/// <summary>What follows from one message of a client: more messages, the end, or a refusal.</summary>
internal readonly record struct SaslStep(byte[] Answer, string? User, DateTimeOffset? ExpiresAt, string? Refusal, bool IsByToken = false)
{
    public static SaslStep Continue(byte[] answer) => new(answer, null, null, null);

    public static SaslStep Done(string user, byte[]? answer = null, DateTimeOffset? expiresAt = null) => new(answer ?? [], user, expiresAt, null);

    /// <summary>The end for a client that logged in with a delegation token: it is the token's owner, for as long as the token lives.</summary>
    public static SaslStep DoneByToken(IssuedToken token, byte[] answer) => new(answer, token.Owner.Name, token.ExpiresAt, null, IsByToken: true);

    public static SaslStep Refuse(string reason) => new([], null, null, reason);
}
