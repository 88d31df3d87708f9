using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Milena.Kafka.Security.Internal;

/// <summary>The client's side of SCRAM (RFC 5802): two messages out, and the broker's proof checked at the end.</summary>
internal sealed class ScramExchange : ISaslExchange
{
    // "n,,": no channel binding, no authorization id; c= repeats it in Base64.
    private const string Gs2Header = "n,,";
    private const string ChannelBinding = "c=biws";

    private readonly ScramHash _hash;
    private readonly string _clientNonce;
    private readonly string _clientFirstBare;
    private readonly int _maxIterations;
    private readonly byte[] _password;
    private byte[] _serverSignature = [];
    private Step _step;

    public ScramExchange(ScramHash hash, string userName, string password, string clientNonce, bool isDelegationToken, int maxIterations)
    {
        _hash = hash;
        _clientNonce = clientNonce;
        _maxIterations = maxIterations;
        _password = Encoding.UTF8.GetBytes(password);
        string name = userName.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);
        _clientFirstBare = $"n={name},r={clientNonce}{(isDelegationToken ? ",tokenauth=true" : "")}";
    }

    private enum Step
    {
        First,
        Final,
        Verify,
        Done,
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken)
    {
        switch (_step)
        {
            case Step.First:
                _step = Step.Final;
                return Send(Gs2Header + _clientFirstBare);
            case Step.Final:
                _step = Step.Verify;
                return Send(Prove(Text(challenge)));
            case Step.Verify:
                Verify(Text(challenge));
                _step = Step.Done;
                return new(default(ReadOnlyMemory<byte>?));
            default:
                throw new InvalidDataException("The broker goes on after the end of SCRAM.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_password);
        CryptographicOperations.ZeroMemory(_serverSignature);
    }

    private string Prove(string serverFirst)
    {
        (string nonce, byte[] salt, int iterations) = Parse(serverFirst);
        string withoutProof = $"{ChannelBinding},r={nonce}";
        byte[] authMessage = Encoding.UTF8.GetBytes($"{_clientFirstBare},{serverFirst},{withoutProof}");
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(_password, salt, iterations, _hash.Algorithm, _hash.Size);
        byte[] clientKey = _hash.Hmac(salted, "Client Key"u8.ToArray());
        byte[] clientSignature = _hash.Hmac(_hash.Digest(clientKey), authMessage);
        _serverSignature = _hash.Hmac(_hash.Hmac(salted, "Server Key"u8.ToArray()), authMessage);
        byte[] proof = new byte[clientKey.Length];
        for (int i = 0; i < proof.Length; i++)
        {
            proof[i] = (byte)(clientKey[i] ^ clientSignature[i]);
        }

        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(clientKey);
        return $"{withoutProof},p={Convert.ToBase64String(proof)}";
    }

    private (string Nonce, byte[] Salt, int Iterations) Parse(string serverFirst)
    {
        string[] parts = serverFirst.Split(',');
        if (parts.Length < 3 || !parts[0].StartsWith("r=", StringComparison.Ordinal) || !parts[1].StartsWith("s=", StringComparison.Ordinal)
            || !parts[2].StartsWith("i=", StringComparison.Ordinal))
        {
            throw serverFirst.StartsWith("m=", StringComparison.Ordinal)
                ? new InvalidDataException("The broker demands an extension of SCRAM that this client does not know.")
                : new InvalidDataException("The broker's first message does not follow SCRAM.");
        }

        string nonce = parts[0][2..];
        if (!nonce.StartsWith(_clientNonce, StringComparison.Ordinal) || nonce.Length == _clientNonce.Length)
        {
            throw new InvalidDataException("The broker's nonce does not continue the client's: the answer belongs to another exchange.");
        }

        byte[] salt = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1][2..], salt, out int saltLength) || saltLength == 0)
        {
            throw new InvalidDataException("The broker's salt is not Base64.");
        }

        if (!int.TryParse(parts[2][2..], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
            || iterations < SaslScram.MinIterations || iterations > _maxIterations)
        {
            throw new InvalidDataException(
                $"The broker asks for {(parts[2].Length <= 16 ? parts[2][2..] : "too many")} iterations; {SaslScram.MinIterations:N0} to {_maxIterations:N0} are accepted.");
        }

        return (nonce, salt[..saltLength], iterations);
    }

    private void Verify(string serverFinal)
    {
        string first = serverFinal.Split(',')[0];
        if (first.StartsWith("e=", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"The broker refused: {first[2..]}.");
        }

        byte[] signature = new byte[first.Length];
        if (!first.StartsWith("v=", StringComparison.Ordinal) || !Convert.TryFromBase64String(first[2..], signature, out int length))
        {
            throw new InvalidDataException("The broker's last message does not follow SCRAM.");
        }

        if (!CryptographicOperations.FixedTimeEquals(signature.AsSpan(0, length), _serverSignature))
        {
            throw new InvalidDataException("The broker's signature is wrong: it does not know this user's password, and may be an impostor.");
        }
    }

    private static string Text(ReadOnlyMemory<byte> challenge) => Encoding.UTF8.GetString(challenge.Span);

    private static ValueTask<ReadOnlyMemory<byte>?> Send(string message) => new(Encoding.UTF8.GetBytes(message).AsMemory());
}
