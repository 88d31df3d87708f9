using System.Security.Cryptography;

namespace Milena.Kafka.Security.Internal;

/// <summary>The hash function of a SCRAM mechanism.</summary>
internal sealed class ScramHash
{
    public static readonly ScramHash Sha256 = new("SCRAM-SHA-256", HashAlgorithmName.SHA256, 32, HMACSHA256.HashData, SHA256.HashData);

    public static readonly ScramHash Sha512 = new("SCRAM-SHA-512", HashAlgorithmName.SHA512, 64, HMACSHA512.HashData, SHA512.HashData);

    private readonly Func<byte[], byte[], byte[]> _hmac;
    private readonly Func<byte[], byte[]> _digest;

    private ScramHash(string mechanismName, HashAlgorithmName algorithm, int size, Func<byte[], byte[], byte[]> hmac, Func<byte[], byte[]> digest)
    {
        MechanismName = mechanismName;
        Algorithm = algorithm;
        Size = size;
        _hmac = hmac;
        _digest = digest;
    }

    public string MechanismName { get; }

    public HashAlgorithmName Algorithm { get; }

    /// <summary>The bytes of a digest.</summary>
    public int Size { get; }

    public byte[] Hmac(byte[] key, byte[] text) => _hmac(key, text);

    public byte[] Digest(byte[] text) => _digest(text);
}
