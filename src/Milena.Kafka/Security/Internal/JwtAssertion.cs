using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace Milena.Kafka.Security.Internal;

/// <summary>A signed assertion of who the client is (RFC 7523), in the making.</summary>
internal sealed class JwtAssertion
{
    public JsonObject Header { get; init; } = [];

    public JsonObject Claims { get; init; } = [];

    /// <summary>A claim; one that is null is left out.</summary>
    public JwtAssertion Claim(string name, string? value)
    {
        if (value is not null)
        {
            Claims[name] = value;
        }

        return this;
    }

    /// <summary>Adds what depends on the time, and signs.</summary>
    public string Sign(string algorithm, DateTimeOffset now, TimeSpan lifetime, TimeSpan clockTolerance, bool hasId, Func<byte[], byte[]> sign)
    {
        Header["alg"] = algorithm;
        Header["typ"] = "JWT";
        Claims["iat"] = now.ToUnixTimeSeconds();
        Claims["nbf"] = (now - clockTolerance).ToUnixTimeSeconds();
        Claims["exp"] = (now + lifetime).ToUnixTimeSeconds();
        if (hasId)
        {
            Claims["jti"] = Guid.NewGuid().ToString("N");
        }

        string signed = $"{Encode(Header)}.{Encode(Claims)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
