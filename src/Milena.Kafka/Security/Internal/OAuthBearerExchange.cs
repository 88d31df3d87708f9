using System.Text;
using System.Text.Json;

namespace Milena.Kafka.Security.Internal;

/// <summary>The client's side of OAUTHBEARER (RFC 7628): the token out; if it is refused, the reason in.</summary>
internal sealed class OAuthBearerExchange : ISaslExchange, ISecretKeeper
{
    private const char Separator = '\x01';
    private const int MaxReason = 1000;

    private readonly OAuthToken _token;
    private readonly Action<OAuthToken>? _refused;
    private bool _isSent;
    private string? _refusal;

    /// <param name="token">What is sent.</param>
    /// <param name="refused">Told when the broker refuses it.</param>
    public OAuthBearerExchange(OAuthToken token, Action<OAuthToken>? refused = null)
    {
        _token = token;
        _refused = refused;
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken)
    {
        if (!_isSent)
        {
            _isSent = true;
            return new(First().AsMemory());
        }

        if (_refusal is not null)
        {
            throw new InvalidDataException(_refusal);
        }

        if (challenge.Length == 0)
        {
            return new(default(ReadOnlyMemory<byte>?));
        }

        // RFC 7628, section 3.2.3: the refusal is acknowledged, and only then comes the end.
        _refusal = Refusal(challenge);
        _refused?.Invoke(_token);
        return new(new byte[] { (byte)Separator }.AsMemory());
    }

    /// <summary>What the broker said when it refused the token; null if it did not.</summary>
    public string? RefusalReason => _refusal;

    /// <inheritdoc/>
    public string Hide(string text) => Secrets.Hide(text, _token.Value);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private byte[] First()
    {
        if (!_token.Value.All(c => c is > ' ' and <= '~'))
        {
            throw new InvalidDataException("The token holds characters that a bearer token cannot have.");
        }

        var message = new StringBuilder("n,,").Append(Separator).Append("auth=Bearer ").Append(_token.Value);
        foreach ((string name, string value) in _token.Extensions)
        {
            if (name is "" or "auth" || !name.All(char.IsAsciiLetter) || !value.All(c => c is (>= ' ' and <= '~') or '\t' or '\r' or '\n'))
            {
                throw new InvalidDataException($"The SASL extension '{name}' has a name that is not letters (and not 'auth'), or a value that is not printable ASCII.");
            }

            message.Append(Separator).Append(name).Append('=').Append(value);
        }

        return Encoding.ASCII.GetBytes(message.Append(Separator).Append(Separator).ToString());
    }

    private string Refusal(ReadOnlyMemory<byte> challenge)
    {
        string said = Encoding.UTF8.GetString(challenge.Span[..Math.Min(challenge.Length, MaxReason)]);
        try
        {
            using JsonDocument document = JsonDocument.Parse(challenge);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("status", out JsonElement status)
                && status.ValueKind == JsonValueKind.String)
            {
                said = $"{status.GetString()}: {said}";
            }
        }
        catch (JsonException)
        {
            // It is shown as it came.
        }

        return $"The broker refused the token: {Secrets.Hide(said, _token.Value)}";
    }
}
