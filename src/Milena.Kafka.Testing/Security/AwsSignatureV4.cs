using System.Security.Cryptography;
using System.Text;

namespace Milena.Kafka.Testing.Security;

/// <summary>AWS Signature Version 4, from the canonical request on.</summary>
internal static class AwsSignatureV4
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>What belongs to a request in lower-case hexadecimal.</summary>
    /// <param name="secret">The secret access key.</param>
    /// <param name="time">As the request says it: <c>20150830T123600Z</c>.</param>
    /// <param name="scope">Day, region, service and <c>aws4_request</c>, with slashes between them.</param>
    /// <param name="canonicalRequest">The request as it is signed.</param>
    public static string Of(string secret, string time, string scope, string canonicalRequest)
    {
        byte[] key = Encoding.UTF8.GetBytes($"AWS4{secret}");
        foreach (string part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{Algorithm}\n{time}\n{scope}\n{hash}")));
    }
}
