using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Milena.Kafka.Testing.Security;

/// <summary>The one message of a client by AWS_MSK_IAM: the parts of a presigned request, as JSON; and whether they belong together.</summary>
internal sealed class AwsMskIamRequest
{
    public const string Version = "2020_10_22";

    private const string EmptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly JsonDocumentOptions OneOfEachName = new() { AllowDuplicateProperties = false };

    // What is signed, in the order in which it is signed.
    private static readonly string[] Query =
        ["Action", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-SignedHeaders"];

    private static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, string> _fields;
    private readonly string[] _credential;

    private AwsMskIamRequest(Dictionary<string, string> fields)
    {
        _fields = fields;
        _credential = this["x-amz-credential"].Split('/');
    }

    public string AccessKeyId => _credential[0];

    private string this[string name] => _fields.GetValueOrDefault(name, "");

    /// <summary>Reads a message; null if it is not an object of strings.</summary>
    public static AwsMskIamRequest? Parse(ReadOnlyMemory<byte> message)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(message, OneOfEachName);
            return new(document.RootElement.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString() ?? ""));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // The latter says that something is of another kind, or a string that is no Unicode.
            return null;
        }
    }

    /// <summary>Why the request is refused; null if it is not. The reason names no value out of the request, nor the secret.</summary>
    /// <param name="secret">The secret access key that goes with <see cref="AccessKeyId"/>; null if there is none.</param>
    /// <param name="hosts">What the broker is called.</param>
    /// <param name="now">The broker's time.</param>
    public string? Refusal(string? secret, ReadOnlySpan<string> hosts, DateTimeOffset now)
    {
        if (this["version"] != Version || this["action"] != "kafka-cluster:Connect" || this["x-amz-algorithm"] != AwsSignatureV4.Algorithm || this["x-amz-signedheaders"] != "host")
        {
            return "version, action, algorithm and signed headers are not those of AWS_MSK_IAM";
        }

        if (_credential is not [_, { Length: 8 } day, { Length: > 0 }, "kafka-cluster", "aws4_request"] || !this["x-amz-date"].StartsWith(day, StringComparison.Ordinal))
        {
            return "the credential is not of that day and service";
        }

        if (!hosts.Contains(this["host"], StringComparer.OrdinalIgnoreCase))
        {
            return "the request is for another host";
        }

        return RefusalByTime(now) ?? (secret is null ? "the access key is not known" : IsSignedBy(secret) ? null : "the signature is not that of the access key");
    }

    private string? RefusalByTime(DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParseExact(this["x-amz-date"], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset signedAt)
            || !int.TryParse(this["x-amz-expires"], NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
        {
            return "date and expiry cannot be read";
        }

        TimeSpan age = now - signedAt;
        return age.Duration() > MaxClockSkew ? "the date is more than 15 minutes from the broker's"
            : age > TimeSpan.FromSeconds(seconds) ? "the request has expired"
            : null;
    }

    private bool IsSignedBy(string secret)
    {
        IEnumerable<string> query = Query
            .Select(name => (Name: name, Field: name.ToLowerInvariant()))
            .Where(parameter => _fields.ContainsKey(parameter.Field))
            .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(this[parameter.Field])}");
        string request = $"GET\n/\n{string.Join('&', query)}\nhost:{this["host"]}\n\nhost\n{EmptyPayloadHash}";
        string signature = AwsSignatureV4.Of(secret, this["x-amz-date"], string.Join('/', _credential[1..]), request);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(this["x-amz-signature"]));
    }
}
