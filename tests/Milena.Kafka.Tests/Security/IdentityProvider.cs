using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Milena.Kafka.Tests.Security;

/// <summary>
/// An identity provider on loopback: gives out signed tokens (RS256), publishes its keys (RFC 7517), changes them when told to. It knows one client by its secret, and by the keys that sign its assertions.
/// </summary>
internal sealed class IdentityProvider : IAsyncDisposable
{
    public const string ClientId = "billing";

    public const string ClientSecret = "oidc-SECRET-77aa";

    public const string Audience = "kafka";

    private readonly Lock _gate = new();
    private readonly List<(string Id, RSA Key)> _keys = [];
    private int _made;

    public IdentityProvider()
    {
        Rotate(keepOld: false);
        Server.Answer = count => Fault?.Invoke(count) ?? Issue(Server.Requests[count - 1]);
        Server.Document = path => path == "/keys" ? PublicKeys() : null;
    }

    public TokenServer Server { get; } = new();

    public Uri KeyAddress => new(Server.Address, "/keys");

    /// <summary>How long its tokens last.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>What is answered instead of a token, by the count of the request; null for a token.</summary>
    public Func<int, (int Status, string Body)?>? Fault { get; set; }

    /// <summary>Whether a signed assertion is the client's.</summary>
    public Func<string, bool> KnowsAssertion { get; set; } = static _ => false;

    /// <summary>Signs with a new key from now on.</summary>
    /// <param name="keepOld">Whether the old keys stay published.</param>
    public void Rotate(bool keepOld)
    {
        lock (_gate)
        {
            if (!keepOld)
            {
                _keys.Clear();
            }

            _keys.Add(($"key-{++_made}", RSA.Create(2048)));
        }
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private (int Status, string Body) Issue((string? Authorization, string Form) request)
    {
        Dictionary<string, string> form = request.Form.Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => WebUtility.UrlDecode(part[1]));
        bool isKnown = form["grant_type"] switch
        {
            "client_credentials" => request.Authorization == $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ClientId}:{ClientSecret}"))}",
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => KnowsAssertion(form["assertion"]),
            _ => false,
        };
        return isKnown
            ? (200, JsonSerializer.Serialize(new { access_token = CreateToken(), token_type = "Bearer", expires_in = (long)Lifetime.TotalSeconds }))
            : (401, "{\"error\":\"invalid_client\",\"error_description\":\"Client authentication failed\"}");
    }

    private string CreateToken()
    {
        lock (_gate)
        {
            (string id, RSA key) = _keys[^1];
            DateTimeOffset now = Time.GetUtcNow();
            string header = Encode(new { alg = "RS256", typ = "JWT", kid = id });
            string claims = Encode(new { sub = ClientId, aud = Audience, scope = "kafka", iat = now.ToUnixTimeSeconds(), exp = (now + Lifetime).ToUnixTimeSeconds() });
            byte[] signature = key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
        }
    }

    private string PublicKeys()
    {
        lock (_gate)
        {
            var keys = _keys.Select(one => (one.Id, Public: one.Key.ExportParameters(false))).Select(one => new
            {
                kty = "RSA",
                use = "sig",
                alg = "RS256",
                kid = one.Id,
                n = Base64Url.EncodeToString(one.Public.Modulus),
                e = Base64Url.EncodeToString(one.Public.Exponent),
            });
            return JsonSerializer.Serialize(new { keys });
        }
    }

    private static string Encode(object part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
}
