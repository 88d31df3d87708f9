using System.Text.Json;

namespace Milena.Kafka.Security.Internal;

/// <summary>Writes the one message of AWS_MSK_IAM: the parts of a presigned request for <c>kafka-cluster:Connect</c>, as JSON.</summary>
internal static class AwsMskIamMessage
{
    public const string Version = "2020_10_22";

    private const string Service = "kafka-cluster";
    private const string Action = "kafka-cluster:Connect";
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(15);

    public static byte[] Of(string host, string region, AwsCredentials credentials, DateTimeOffset now)
    {
        var signing = new AwsSignature(region, Service, credentials, now);
        SortedDictionary<string, string> query = signing.PresignedQuery(Validity);
        query["Action"] = Action;
        string signature = signing.SignPresigned("GET", "/", host, query, AwsSignature.EmptyPayloadHash);
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("version", Version);
            writer.WriteString("host", host);
            writer.WriteString("user-agent", "milena");
            writer.WriteString("action", Action);
            foreach ((string name, string value) in query.Where(parameter => parameter.Key != "Action"))
            {
                writer.WriteString(name.ToLowerInvariant(), value);
            }

            writer.WriteString("x-amz-signature", signature);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
