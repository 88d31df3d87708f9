using System.Security.Cryptography;
using System.Text;

namespace Milena.Kafka.Testing.Security;

/// <summary>The broker's side of SCRAM (RFC 5802), without channel binding, as in Kafka.</summary>
internal sealed class ScramServer(ScramHash hash, UserStore users, TokenStore tokens) : ISaslServer
{
    private const int TokenIterations = 4096;
    private const string Failed = "Authentication failed during authentication due to invalid credentials with SASL mechanism ";

    private string? _user;
    private string _nonce = "";
    private string _firstMessages = "";
    private ScramCredential? _credential;
    private IssuedToken? _token;

    public string Mechanism => hash.Mechanism;

    public ValueTask<SaslStep> EvaluateAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        string text = Encoding.UTF8.GetString(message.Span);
        return new(_user is null ? First(text) : Final(text));
    }

    public void Dispose()
    {
    }

    private SaslStep First(string text)
    {
        // gs2 header: no channel binding; an authorization id, if there is one, must be the user.
        string[] parts = text.Split(',');
        if (parts.Length < 4 || parts[0] != "n" || !parts[2].StartsWith("n=", StringComparison.Ordinal) || !parts[3].StartsWith("r=", StringComparison.Ordinal) || parts[3].Length < 3)
        {
            return SaslStep.Refuse("Invalid SASL/SCRAM first message");
        }

        _user = parts[2][2..].Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        if (parts.Skip(4).Contains("tokenauth=true"))
        {
            _token = tokens.Find(_user);
            _credential = _token is null ? null : hash.CreateCredential(_token.Password, TokenIterations);
        }
        else
        {
            _credential = users.ScramOf(hash, _user);
        }

        if (_credential is null)
        {
            return SaslStep.Refuse(Failed + Mechanism);
        }

        _nonce = parts[3][2..] + Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        string answer = $"r={_nonce},s={Convert.ToBase64String(_credential.Salt)},i={_credential.Iterations}";
        _firstMessages = $"{string.Join(',', parts.Skip(2))},{answer}";
        return SaslStep.Continue(Encoding.UTF8.GetBytes(answer));
    }

    private SaslStep Final(string text)
    {
        int proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0 || !text.StartsWith($"c=biws,r={_nonce},", StringComparison.Ordinal) && text[..proofAt] != $"c=biws,r={_nonce}")
        {
            return SaslStep.Refuse("Invalid SASL/SCRAM final message");
        }

        byte[] proof = new byte[text.Length];
        if (!Convert.TryFromBase64String(text[(proofAt + 3)..], proof, out int length) || length != hash.Size)
        {
            return SaslStep.Refuse("Invalid SASL/SCRAM final message");
        }

        byte[] authMessage = Encoding.UTF8.GetBytes($"{_firstMessages},{text[..proofAt]}");
        byte[] clientKey = hash.Hmac(_credential!.StoredKey, authMessage);
        for (int i = 0; i < clientKey.Length; i++)
        {
            clientKey[i] ^= proof[i];
        }

        if (!CryptographicOperations.FixedTimeEquals(hash.Digest(clientKey), _credential.StoredKey))
        {
            return SaslStep.Refuse(Failed + Mechanism);
        }

        byte[] answer = Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(hash.Hmac(_credential.ServerKey, authMessage))}");
        return _token is null ? SaslStep.Done(_user!, answer) : SaslStep.DoneByToken(_token, answer);
    }
}
