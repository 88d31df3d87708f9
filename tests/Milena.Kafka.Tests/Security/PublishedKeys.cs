using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Security;

/// <summary>Judges tokens as a broker does: by the keys that the identity provider publishes at the time, by audience and end.</summary>
internal sealed class PublishedKeys(IdentityProvider provider) : IDisposable
{
    private readonly HttpClient _http = new();

    public async ValueTask<TestTokenVerdict> JudgeAsync(string token, CancellationToken cancellationToken)
    {
        string[] parts = token.Split('.');
        using JsonDocument header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
        using JsonDocument claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        using JsonDocument published = JsonDocument.Parse(await _http.GetStringAsync(provider.KeyAddress, cancellationToken));
        string? id = header.RootElement.GetProperty("kid").GetString();
        JsonElement key = published.RootElement.GetProperty("keys").EnumerateArray().FirstOrDefault(one => one.GetProperty("kid").GetString() == id);
        if (key.ValueKind != JsonValueKind.Object)
        {
            return TestTokenVerdict.Refuse("unknown_key");
        }

        using RSA rsa = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars(key.GetProperty("n").GetString()), Exponent = Base64Url.DecodeFromChars(key.GetProperty("e").GetString()) });
        DateTimeOffset end = DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
        bool isGood = rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            && claims.RootElement.GetProperty("aud").GetString() == IdentityProvider.Audience;
        if (!isGood)
        {
            return TestTokenVerdict.Refuse();
        }

        return end <= provider.Time.GetUtcNow() ? TestTokenVerdict.Refuse("expired_token") : TestTokenVerdict.Accept(claims.RootElement.GetProperty("sub").GetString()!, end);
    }

    public void Dispose() => _http.Dispose();
}
