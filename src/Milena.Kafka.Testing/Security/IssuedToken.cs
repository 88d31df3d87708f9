namespace Milena.Kafka.Testing.Security;

/// <summary>A delegation token as brokers keep it. Immutable.</summary>
internal sealed record IssuedToken(
    string Id,
    byte[] Hmac,
    Principal Owner,
    Principal Requester,
    IReadOnlyList<Principal> Renewers,
    DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset MaxExpiresAt)
{
    /// <summary>What SCRAM takes for the password.</summary>
    public string Password => Convert.ToBase64String(Hmac);

    public bool IsOver(DateTimeOffset now) => ExpiresAt < now || MaxExpiresAt < now;

    public bool MayBeRenewedBy(Principal principal) => Owner == principal || Requester == principal || Renewers.Contains(principal);
}
