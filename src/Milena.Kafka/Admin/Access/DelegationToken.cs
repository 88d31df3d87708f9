namespace Milena.Kafka;

/// <summary>A token with which others act for its owner, until it ends (KIP-48).</summary>
/// <remarks>To log in with it: <see cref="SaslScram"/> with the id as user name, <see cref="Password"/>, and <see cref="SaslScram.IsDelegationToken"/>.</remarks>
public sealed class DelegationToken
{
    internal DelegationToken(string tokenId, ReadOnlyMemory<byte> hmac, KafkaPrincipal owner)
    {
        TokenId = tokenId;
        Hmac = hmac;
        Owner = owner;
    }

    /// <summary>Its id, which is no secret.</summary>
    public string TokenId { get; }

    /// <summary>Its secret, by which it is also renewed and ended.</summary>
    public ReadOnlyMemory<byte> Hmac { get; }

    /// <summary>The secret as SCRAM takes it for a password: in Base64.</summary>
    public string Password => Convert.ToBase64String(Hmac.Span);

    /// <summary>For whom it stands.</summary>
    public KafkaPrincipal Owner { get; }

    /// <summary>Who asked for it (KIP-373); the owner, from brokers before 3.3.</summary>
    public KafkaPrincipal Requester { get; init; }

    /// <summary>Who may renew it, beside the owner.</summary>
    public IReadOnlyList<KafkaPrincipal> Renewers { get; init; } = [];

    /// <summary>When it was made.</summary>
    public DateTimeOffset IssuedAt { get; init; }

    /// <summary>When it ends, unless it is renewed.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it ends at last, renewed or not.</summary>
    public DateTimeOffset MaxExpiresAt { get; init; }

    /// <summary>The token without its secret.</summary>
    public override string ToString() => $"token {TokenId} of {Owner}, until {ExpiresAt:O}";
}
