using System.Text;
using System.Text.Json;

namespace Milena.Kafka.Testing.Security;

/// <summary>The broker's side of OAUTHBEARER (RFC 7628): the token is judged by the test.</summary>
internal sealed class OAuthBearerServer(TestSaslOptions options) : ISaslServer
{
    private string? _refusal;

    public string Mechanism => "OAUTHBEARER";

    public async ValueTask<SaslStep> EvaluateAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        string text = Encoding.UTF8.GetString(message.Span);
        if (_refusal is not null)
        {
            return SaslStep.Refuse($"{{\"status\":\"{_refusal}\"}}");
        }

        string? token = text.Split('\x01').FirstOrDefault(part => part.StartsWith("auth=Bearer ", StringComparison.OrdinalIgnoreCase))?["auth=Bearer ".Length..];
        if (!text.StartsWith("n,", StringComparison.Ordinal) || !text.EndsWith("\x01\x01", StringComparison.Ordinal) || string.IsNullOrEmpty(token))
        {
            return SaslStep.Refuse("Invalid OAUTHBEARER client first message");
        }

        TestTokenVerdict verdict = options.TokenValidator is { } validate
            ? await validate(token, cancellationToken).ConfigureAwait(false)
            : TestTokenVerdict.Refuse();
        if (verdict.User is { } user)
        {
            return SaslStep.Done(user, expiresAt: verdict.ExpiresAt);
        }

        _refusal = JsonEncodedText.Encode(verdict.Status ?? "invalid_token").ToString();
        return SaslStep.Continue(Encoding.UTF8.GetBytes($"{{\"status\":\"{_refusal}\"}}"));
    }

    public void Dispose()
    {
    }
}
