using System.Security.Cryptography;
using Milena.Kafka.Protocol;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka;

/// <summary>Sets or removes the SCRAM credential of a user. The password itself goes to no broker.</summary>
public sealed class ScramCredentialChange
{
    private const int SaltSize = 24;

    private ScramCredentialChange(string user, ScramMechanism mechanism)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        User = user;
        Mechanism = mechanism;
    }

    /// <summary>Whose.</summary>
    public string User { get; }

    /// <summary>For which mechanism.</summary>
    public ScramMechanism Mechanism { get; }

    /// <summary>Whether the credential is removed.</summary>
    public bool IsDeletion { get; private init; }

    /// <summary>The rounds of hashing; 0 for a deletion.</summary>
    public int Iterations { get; private init; }

    internal byte[] Salt { get; private init; } = [];

    internal byte[] SaltedPassword { get; private init; } = [];

    /// <summary>Sets a user's password for a mechanism; a user who is not there is made.</summary>
    /// <param name="user">The user's name.</param>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="password">The password.</param>
    /// <param name="iterations">The rounds of hashing; brokers take 4,096 to 16,384.</param>
    /// <param name="salt">What makes the same password another for another user; none for random bytes.</param>
    /// <param name="useSaslPrep">Whether the password is brought into its normal form first, as <see cref="SaslScram.UseSaslPrep"/> has it at login; Kafka's own tools do not.</param>
    /// <exception cref="ArgumentException">The user or the password is empty, or the mechanism is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no round at all.</exception>
    /// <exception cref="InvalidDataException">The password has no normal form.</exception>
    public static ScramCredentialChange Set(
        string user, ScramMechanism mechanism, string password, int iterations = SaslScram.MinIterations, ReadOnlyMemory<byte> salt = default, bool useSaslPrep = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(password);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        ScramHash hash = mechanism switch
        {
            ScramMechanism.ScramSha256 => ScramHash.Sha256,
            ScramMechanism.ScramSha512 => ScramHash.Sha512,
            _ => throw new ArgumentException($"{mechanism} is no mechanism that a password can be set for.", nameof(mechanism)),
        };
        string prepared = useSaslPrep ? SaslPrep.Prepare(password, "password") : password;
        byte[] own = salt.IsEmpty ? RandomNumberGenerator.GetBytes(SaltSize) : salt.ToArray();
        return new ScramCredentialChange(user, mechanism)
        {
            Iterations = iterations,
            Salt = own,
            SaltedPassword = Rfc2898DeriveBytes.Pbkdf2(prepared, own, iterations, hash.Algorithm, hash.Size),
        };
    }

    /// <summary>Removes a user's credential for a mechanism.</summary>
    /// <param name="user">The user's name.</param>
    /// <param name="mechanism">The mechanism.</param>
    /// <exception cref="ArgumentException">The user is empty.</exception>
    public static ScramCredentialChange Delete(string user, ScramMechanism mechanism) => new(user, mechanism) { IsDeletion = true };

    /// <summary>What is changed, without its secret.</summary>
    public override string ToString() => IsDeletion ? $"delete {Mechanism} of '{User}'" : $"set {Mechanism} of '{User}' ({Iterations} iterations)";
}
