using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Milena.Kafka.Security.Internal;

/// <summary>Signs a request in its query, by AWS Signature Version 4.</summary>
internal sealed class AwsSignature(string region, string service, AwsCredentials credentials, DateTimeOffset now)
{
    public const string EmptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private const string Algorithm = "AWS4-HMAC-SHA256";

    private readonly string _date = now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
    private readonly string _time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private string Scope => $"{_date}/{region}/{service}/aws4_request";

    /// <summary>The parameters that every signed query has, in the order of their bytes.</summary>
    public SortedDictionary<string, string> PresignedQuery(TimeSpan validity)
    {
        var query = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["X-Amz-Algorithm"] = Algorithm,
            ["X-Amz-Credential"] = $"{credentials.AccessKeyId}/{Scope}",
            ["X-Amz-Date"] = _time,
            ["X-Amz-Expires"] = ((long)validity.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            ["X-Amz-SignedHeaders"] = "host",
        };
        if (credentials.SessionToken is { } token)
        {
            query["X-Amz-Security-Token"] = token;
        }

        return query;
    }

    /// <summary>The signature of a request whose only signed header is its host.</summary>
    public string SignPresigned(string method, string path, string host, SortedDictionary<string, string> query, string payloadHash)
    {
        string parameters = string.Join('&', query.Select(parameter => $"{Uri.EscapeDataString(parameter.Key)}={Uri.EscapeDataString(parameter.Value)}"));
        string request = $"{method}\n{path}\n{parameters}\nhost:{host}\n\nhost\n{payloadHash}";
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)));
        string text = $"{Algorithm}\n{_time}\n{Scope}\n{hash}";
        return Convert.ToHexStringLower(HMACSHA256.HashData(SigningKey(), Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The key that this day's requests to this service are signed with.</summary>
    public byte[] SigningKey()
    {
        byte[] key = Encoding.UTF8.GetBytes($"AWS4{credentials.SecretAccessKey}");
        foreach (string part in (ReadOnlySpan<string>)[_date, region, service, "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return key;
    }
}
