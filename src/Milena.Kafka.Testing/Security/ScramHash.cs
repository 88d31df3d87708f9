using System.Security.Cryptography;

namespace Milena.Kafka.Testing.Security;

/// <summary>The hash function of a SCRAM mechanism, and what is computed with it.</summary>
internal sealed record ScramHash(Protocol.ScramMechanism Number, string Mechanism, HashAlgorithmName Algorithm, int Size)
{
    public static readonly ScramHash Sha256 = new(Protocol.ScramMechanism.ScramSha256, "SCRAM-SHA-256", HashAlgorithmName.SHA256, 32);

    public static readonly ScramHash Sha512 = new(Protocol.ScramMechanism.ScramSha512, "SCRAM-SHA-512", HashAlgorithmName.SHA512, 64);

    public static ScramHash? Of(Protocol.ScramMechanism number) => number switch
    {
        Protocol.ScramMechanism.ScramSha256 => Sha256,
        Protocol.ScramMechanism.ScramSha512 => Sha512,
        _ => null,
    };

    public byte[] Hmac(byte[] key, ReadOnlySpan<byte> text) => CryptographicOperations.HmacData(Algorithm, key, text);

    public byte[] Digest(byte[] text) => CryptographicOperations.HashData(Algorithm, text);

    public ScramCredential CreateCredential(byte[] saltedPassword, byte[] salt, int iterations) =>
        new(salt, iterations, Digest(Hmac(saltedPassword, "Client Key"u8)), Hmac(saltedPassword, "Server Key"u8));

    public ScramCredential CreateCredential(string password, int iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(24);
        return CreateCredential(Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, Algorithm, Size), salt, iterations);
    }
}
