namespace Milena.Kafka.Testing.Security;

/// <summary>What follows from one message of a client: more messages, the end, or a refusal.</summary>
internal readonly record struct SaslStep(byte[] Answer, string? User, DateTimeOffset? ExpiresAt, string? Refusal)
{
    public static SaslStep Continue(byte[] answer) => new(answer, null, null, null);

    public static SaslStep Done(string user, byte[]? answer = null, DateTimeOffset? expiresAt = null) => new(answer ?? [], user, expiresAt, null);

    public static SaslStep Refuse(string reason) => new([], null, null, reason);
}
