namespace Milena.Kafka.Testing;

/// <summary>What becomes of a client that shows a token.</summary>
public sealed record TestTokenVerdict
{
    private TestTokenVerdict()
    {
    }

    /// <summary>Whom the token is of; <see langword="null"/> if it is refused.</summary>
    public string? User { get; private init; }

    /// <summary>When it ends; the session ends no later.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>Why it is refused, such as <c>invalid_token</c>.</summary>
    public string? Status { get; private init; }

    /// <summary>Takes the token.</summary>
    /// <param name="user">Whom it is of.</param>
    /// <param name="expiresAt">When it ends.</param>
    public static TestTokenVerdict Accept(string user, DateTimeOffset? expiresAt = null) => new() { User = user, ExpiresAt = expiresAt };

    /// <summary>Refuses the token.</summary>
    /// <param name="status">Why; goes into the answer to the client (RFC 7628).</param>
    public static TestTokenVerdict Refuse(string status = "invalid_token") => new() { Status = status };
}
