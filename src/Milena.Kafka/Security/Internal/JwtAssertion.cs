using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Milena.Kafka.Security.Internal;

/// <summary>Makes signed assertions of who the client is (RFC 7523).</summary>
internal sealed class JwtAssertion(string algorithm, Func<byte[], byte[]> sign, string issuer, string subject, string audience, string? keyId)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    // Clocks differ.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    public string Create(DateTimeOffset now)
    {
        string header = Encode(writer =>
        {
            writer.WriteString("alg", algorithm);
            writer.WriteString("typ", "JWT");
            if (keyId is not null)
            {
                writer.WriteString("kid", keyId);
            }
        });
        string claims = Encode(writer =>
        {
            writer.WriteString("iss", issuer);
            writer.WriteString("sub", subject);
            writer.WriteString("aud", audience);
            writer.WriteNumber("iat", now.ToUnixTimeSeconds());
            writer.WriteNumber("nbf", (now - Tolerance).ToUnixTimeSeconds());
            writer.WriteNumber("exp", (now + Lifetime).ToUnixTimeSeconds());
            writer.WriteString("jti", Guid.NewGuid().ToString("N"));
        });
        string signed = $"{header}.{claims}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Base64Url.EncodeToString(bytes.ToArray());
    }
}
