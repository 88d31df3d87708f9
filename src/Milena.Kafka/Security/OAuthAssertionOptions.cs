namespace Milena.Kafka;

/// <summary>How assertions of who the client is (RFC 7523) are made, and signed with a key from a file (KIP-1139).</summary>
/// <remarks>Key and template are read again for each assertion, so that they can be replaced while the client runs.</remarks>
public sealed class OAuthAssertionOptions
{
    /// <summary>The private key as PEM: RSA for <c>RS256</c>, the curve P-256 for <c>ES256</c>.</summary>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.private.key.file</c>.</remarks>
    public string? PrivateKeyFile { get; set; }

    /// <summary>The password of the private key.</summary>
    /// <value>Null: not encrypted.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.private.key.passphrase</c>.</remarks>
    public string? PrivateKeyPassphrase { private get; set; }

    /// <summary><c>RS256</c> or <c>ES256</c>.</summary>
    /// <value><c>RS256</c>.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.algorithm</c>.</remarks>
    public string Algorithm { get; set; } = "RS256";

    /// <summary>Who says it (<c>iss</c>).</summary>
    /// <value>Null: left out, or as the template has it.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.claim.iss</c>.</remarks>
    public string? Issuer { get; set; }

    /// <summary>Of whom (<c>sub</c>).</summary>
    /// <value>Null: left out, or as the template has it.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.claim.sub</c>.</remarks>
    public string? Subject { get; set; }

    /// <summary>To whom (<c>aud</c>), often the token endpoint.</summary>
    /// <value>Null: left out, or as the template has it.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.claim.aud</c>.</remarks>
    public string? Audience { get; set; }

    /// <summary>How long an assertion is valid (<c>exp</c>).</summary>
    /// <value>5 min.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.claim.exp.seconds</c>.</remarks>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long before its making it is valid already (<c>nbf</c>), since clocks differ.</summary>
    /// <value>1 min.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.claim.nbf.seconds</c>.</remarks>
    public TimeSpan ClockTolerance { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether each has an id of its own (<c>jti</c>).</summary>
    /// <value>False, as in Kafka.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.claim.jti.include</c>.</remarks>
    public bool HasId { get; set; }

    /// <summary>A file of JSON with more of the header and the claims: <c>{"header": {"kid": "1"}, "payload": {"sub": "billing"}}</c>.</summary>
    /// <value>Null. What it says goes before the properties above; what depends on the time is always made here.</value>
    /// <remarks>Kafka calls this <c>sasl.oauthbearer.assertion.template.file</c>.</remarks>
    public string? TemplateFile { get; set; }

    internal string? Passphrase => PrivateKeyPassphrase;

    internal OAuthAssertionOptions Clone() => (OAuthAssertionOptions)MemberwiseClone();

    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrEmpty(PrivateKeyFile))
        {
            yield return "PrivateKeyFile is not set.";
        }

        if (Algorithm is not ("RS256" or "ES256"))
        {
            yield return $"Algorithm is {Algorithm}; it must be RS256 or ES256.";
        }

        if (Lifetime <= TimeSpan.Zero || ClockTolerance < TimeSpan.Zero)
        {
            yield return $"Lifetime is {Lifetime} and ClockTolerance {ClockTolerance}; the first must be above zero, the second not below.";
        }
    }
}
