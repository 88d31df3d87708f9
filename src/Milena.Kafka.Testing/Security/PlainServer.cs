using System.Security.Cryptography;
using System.Text;

namespace Milena.Kafka.Testing.Security;

/// <summary>The broker's side of PLAIN (RFC 4616).</summary>
internal sealed class PlainServer(UserStore users) : ISaslServer
{
    public string Mechanism => "PLAIN";

    public ValueTask<SaslStep> EvaluateAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        string[] parts = Encoding.UTF8.GetString(message.Span).Split('\0');
        if (parts.Length != 3 || parts[1].Length == 0 || parts[2].Length == 0)
        {
            return new(SaslStep.Refuse("Invalid SASL/PLAIN response: expected 3 tokens"));
        }

        bool isRight = users.PasswordOf(parts[1]) is { } password
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(parts[2]));
        if (!isRight)
        {
            return new(SaslStep.Refuse("Authentication failed: Invalid username or password"));
        }

        return new(parts[0].Length == 0 || parts[0] == parts[1]
            ? SaslStep.Done(parts[1])
            : SaslStep.Refuse("Authentication failed: Client requested an authorization id that is different from username"));
    }

    public void Dispose()
    {
    }
}
