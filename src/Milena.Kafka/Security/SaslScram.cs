using System.Security.Cryptography;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka;

/// <summary>SASL/SCRAM: a proof of the password that does not show it, and the broker's proof that it knows the user (RFC 5802, RFC 7677).</summary>
/// <remarks>Set the properties before the first use.</remarks>
public sealed class SaslScram : ISaslMechanism
{
    /// <summary>The fewest rounds of hashing that a broker may ask for; fewer would let the password be guessed from what went over the wire.</summary>
    public const int MinIterations = 4096;

    private readonly ScramHash _hash;
    private readonly Func<CancellationToken, ValueTask<SaslCredential>> _credentials;

    private SaslScram(ScramHash hash, Func<CancellationToken, ValueTask<SaslCredential>> credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        _hash = hash;
        _credentials = credentials;
    }

    /// <inheritdoc/>
    public string Name => _hash.MechanismName;

    /// <summary>The most rounds of hashing that a broker may ask for, so that it cannot keep the client busy.</summary>
    /// <value>1,000,000, about half a second.</value>
    public int MaxIterations { get; set; } = 1_000_000;

    /// <summary>Whether the credential is a delegation token: its id and its HMAC.</summary>
    /// <value>False.</value>
    /// <remarks>In <c>sasl.jaas.config</c> this is <c>tokenauth=true</c> (KIP-48).</remarks>
    public bool IsDelegationToken { get; set; }

    /// <summary>Whether name and password are brought into their normal form first, so that the same password typed on different keyboards is the same (SASLprep, RFC 4013).</summary>
    /// <value>True, as RFC 5802 asks. Brokers store a password as it was given: switch this off for one that was given in another form.</value>
    public bool UseSaslPrep { get; set; } = true;

    internal Func<string> Nonce { get; init; } = static () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));

    /// <summary>SCRAM-SHA-256 with a fixed password.</summary>
    /// <param name="userName">The user's name.</param>
    /// <param name="password">The password.</param>
    public static SaslScram Sha256(string userName, string password) => Sha256(Fixed(userName, password));

    /// <summary>SCRAM-SHA-256 with credentials that may change.</summary>
    /// <param name="credentials">Asked at each authentication.</param>
    public static SaslScram Sha256(Func<CancellationToken, ValueTask<SaslCredential>> credentials) => new(ScramHash.Sha256, credentials);

    /// <summary>SCRAM-SHA-512 with a fixed password.</summary>
    /// <param name="userName">The user's name.</param>
    /// <param name="password">The password.</param>
    public static SaslScram Sha512(string userName, string password) => Sha512(Fixed(userName, password));

    /// <summary>SCRAM-SHA-512 with credentials that may change.</summary>
    /// <param name="credentials">Asked at each authentication.</param>
    public static SaslScram Sha512(Func<CancellationToken, ValueTask<SaslCredential>> credentials) => new(ScramHash.Sha512, credentials);

    /// <inheritdoc/>
    public async ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken)
    {
        SaslCredential credential = await _credentials(cancellationToken).ConfigureAwait(false);
        string userName = UseSaslPrep ? SaslPrep.Prepare(credential.UserName, "user name") : credential.UserName;
        string password = UseSaslPrep ? SaslPrep.Prepare(credential.Password, "password") : credential.Password;
        return new ScramExchange(_hash, userName, password, Nonce(), IsDelegationToken, MaxIterations);
    }

    internal static SaslScram WithNonce(ScramHash hash, string userName, string password, string nonce) =>
        new(hash, Fixed(userName, password)) { Nonce = () => nonce };

    private static Func<CancellationToken, ValueTask<SaslCredential>> Fixed(string userName, string password)
    {
        var credential = new SaslCredential(userName, password);
        return _ => new(credential);
    }
}
