using System.Text.Json;
using Milena.Kafka.Security.Internal;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Security;

/// <summary>Signature Version 4 held against the examples that AWS publishes.</summary>
public class AwsSignatureTests
{
    [Test]
    public void The_signing_key_is_that_of_the_published_example()
    {
        var signature = new AwsSignature("us-east-1", "iam", new AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero));

        Assert.That(Convert.ToHexStringLower(signature.SigningKey()), Is.EqualTo("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"));
    }

    [Test]
    public void The_presigned_request_is_that_of_the_published_example()
    {
        var signature = new AwsSignature("us-east-1", "s3", new AwsCredentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));

        string signed = signature.SignPresigned("GET", "/test.txt", "examplebucket.s3.amazonaws.com", signature.PresignedQuery(TimeSpan.FromDays(1)), "UNSIGNED-PAYLOAD");

        Assert.That(signed, Is.EqualTo("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
    }

    // What botocore, the signer of AWS's own command line, makes of the same request.
    [TestCase(null, "0544dc81d5c8ca7733e6975dacc7a9acf3b0c148e2be605f327df3af251dce4e")]
    [TestCase("session/+=", "3b4a5c2bc4176f7ea20597ba7d99d6b3f786999dd5f0137cba4fa3b00450f7ce")]
    public async Task The_request_to_a_cluster_is_signed_as_AWS_signs_it(string? session, string signature)
    {
        var mechanism = new SaslAwsMskIam("eu-west-1", _ => new(new AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", session)), new ManualTimeProvider());
        using ISaslExchange exchange = await mechanism.StartAsync(new SaslTarget("b-1.example.kafka.eu-west-1.amazonaws.com", 9098), CancellationToken.None);

        using JsonDocument message = JsonDocument.Parse((await exchange.RespondAsync(default, CancellationToken.None))!.Value);

        Assert.That(message.RootElement.GetProperty("x-amz-signature").GetString(), Is.EqualTo(signature));
        Assert.That(message.RootElement.TryGetProperty("x-amz-security-token", out JsonElement token) ? token.GetString() : null, Is.EqualTo(session));
    }

    [Test]
    public async Task The_message_names_all_that_the_broker_checks()
    {
        var mechanism = new SaslAwsMskIam("eu-west-1", _ => new(new AwsCredentials("AKID", "secret", "session")), new ManualTimeProvider());
        using ISaslExchange exchange = await mechanism.StartAsync(new SaslTarget("b-1.example.kafka.eu-west-1.amazonaws.com", 9098), CancellationToken.None);

        ReadOnlyMemory<byte> message = (await exchange.RespondAsync(default, CancellationToken.None))!.Value;
        using JsonDocument document = JsonDocument.Parse(message);
        Dictionary<string, string?> fields = document.RootElement.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString());

        Assert.That(fields.Keys, Is.EquivalentTo(new[]
        {
            "version", "host", "user-agent", "action", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token", "x-amz-signedheaders", "x-amz-expires", "x-amz-signature",
        }));
        Assert.That(fields["x-amz-credential"], Is.EqualTo("AKID/20260101/eu-west-1/kafka-cluster/aws4_request"));
        Assert.That(fields["x-amz-signature"], Does.Match("^[0-9a-f]{64}$"));
        Assert.That(await exchange.RespondAsync("{\"version\":\"2020_10_22\",\"request-id\":\"r\"}"u8.ToArray(), CancellationToken.None), Is.Null);
        Assert.That(async () => await exchange.RespondAsync("{}"u8.ToArray(), CancellationToken.None), Throws.TypeOf<InvalidDataException>());
    }
}
