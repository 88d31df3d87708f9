namespace Milena.Kafka;

/// <summary>A bearer token of OAuth 2.</summary>
/// <remarks><see cref="ToString"/> does not give the token.</remarks>
public sealed class OAuthToken
{
    /// <summary>Creates the token.</summary>
    /// <param name="value">The token as it is sent.</param>
    /// <param name="expiresAt">When it ends; null if that is not known.</param>
    /// <param name="extensions">SASL extensions that go with it (KIP-342): names of letters, values of printable ASCII.</param>
    public OAuthToken(string value, DateTimeOffset? expiresAt = null, IReadOnlyDictionary<string, string>? extensions = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        Value = value;
        ExpiresAt = expiresAt;
        Extensions = extensions ?? new Dictionary<string, string>();
    }

    /// <summary>When it ends; null if that is not known.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>SASL extensions that go with it.</summary>
    public IReadOnlyDictionary<string, string> Extensions { get; }

    internal string Value { get; }

    /// <inheritdoc/>
    public override string ToString() => ExpiresAt is { } end ? $"(a token until {end:u})" : "(a token)";
}
