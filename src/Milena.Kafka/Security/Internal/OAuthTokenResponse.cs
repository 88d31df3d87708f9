using System.Buffers.Text;
using System.Text.Json;

namespace Milena.Kafka.Security.Internal;

/// <summary>Reads what a token endpoint answers (RFC 6749, section 5).</summary>
internal static class OAuthTokenResponse
{
    private const int MaxShown = 1000;

    /// <exception cref="InvalidDataException">It is a refusal, or no token.</exception>
    /// <exception cref="HttpRequestException">The server could not do it now.</exception>
    public static OAuthToken Read(OAuthTokenOptions options, int status, string body, string[] secrets)
    {
        string where = options.TokenEndpoint!.Host;
        if (status is 429 or >= 500)
        {
            // The server is busy or broken: that says nothing about the credential, and the next attempt may succeed.
            throw new HttpRequestException($"The token endpoint {where} answered with HTTP status {status}");
        }

        if (status is < 200 or > 299)
        {
            string said = Secrets.Hide(body.Length > MaxShown ? body[..MaxShown] : body, secrets);
            throw new InvalidDataException($"The token endpoint {where} answered with HTTP status {status}{(said.Length > 0 ? $": {said}" : "")}");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("access_token", out JsonElement token)
                && token.ValueKind == JsonValueKind.String && token.GetString() is { Length: > 0 } value)
            {
                return new OAuthToken(value, EndOf(document.RootElement, value, options.TimeProvider.GetUtcNow()), options.Extensions.AsReadOnly());
            }
        }
        catch (JsonException)
        {
            // The body is not shown: half of a token may be in it.
            throw new InvalidDataException($"The token endpoint {where} answered with something else than JSON.");
        }

        throw new InvalidDataException($"The token endpoint {where} answered without an access_token.");
    }

    private static DateTimeOffset? EndOf(JsonElement answer, string token, DateTimeOffset now)
    {
        if (answer.TryGetProperty("expires_in", out JsonElement expiresIn) && TryReadSeconds(expiresIn, out double seconds))
        {
            return now + TimeSpan.FromSeconds(seconds);
        }

        // A JWT carries its end; whether it is genuine is for the broker to find out.
        string[] parts = token.Split('.');
        try
        {
            if (parts.Length == 3)
            {
                using JsonDocument claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
                if (claims.RootElement.ValueKind == JsonValueKind.Object && claims.RootElement.TryGetProperty("exp", out JsonElement exp) && TryReadSeconds(exp, out double end))
                {
                    return DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(end);
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            // An opaque token that happens to have two dots.
        }

        return null;
    }

    private static bool TryReadSeconds(JsonElement element, out double seconds)
    {
        seconds = 0;
        bool isNumber = element.ValueKind switch
        {
            JsonValueKind.Number => element.TryGetDouble(out seconds),
            JsonValueKind.String => double.TryParse(element.GetString(), System.Globalization.CultureInfo.InvariantCulture, out seconds),
            _ => false,
        };
        return isNumber && seconds is >= 0 and < 1e11;
    }
}
