using System.Text;
using System.Text.Json;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing.Tests;

/// <summary>Requests by AWS_MSK_IAM are judged as AWS signs them: by what it publishes, and by what botocore, the signer of its own command line, makes.</summary>
public class AwsMskIamRequestTests
{
    private const string KeyId = "AKIDEXAMPLE";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string Host = "b-1.example.kafka.eu-west-1.amazonaws.com";
    private const string Signature = "3b4a5c2bc4176f7ea20597ba7d99d6b3f786999dd5f0137cba4fa3b00450f7ce";

    private static readonly DateTimeOffset SignedAt = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // get-vanilla and get-vanilla-query-order-key-case of the published suite.
    [TestCase("", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [TestCase("Param1=value1&Param2=value2", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    public void The_signature_is_that_of_the_published_suite(string query, string signature)
    {
        string request = $"GET\n/\n{query}\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

        Assert.That(AwsSignatureV4.Of(Secret, "20150830T123600Z", "20150830/us-east-1/service/aws4_request", request), Is.EqualTo(signature));
    }

    [Test]
    public void The_signature_is_that_of_the_published_presigned_request()
    {
        const string Request = "GET\n/test.txt\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
            + "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\nhost:examplebucket.s3.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD";

        string signature = AwsSignatureV4.Of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524T000000Z", "20130524/us-east-1/s3/aws4_request", Request);

        Assert.That(signature, Is.EqualTo("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
    }

    [TestCase(Host, "eu-west-1", "900", null, "0544dc81d5c8ca7733e6975dacc7a9acf3b0c148e2be605f327df3af251dce4e")]
    [TestCase(Host, "eu-west-1", "900", "session/+=", Signature)]
    [TestCase("127.0.0.1", "us-gov-west-1", "60", "Fwo/ä %~é*'\"", "876584c7e569456c931a8ace78042db617ed2f406de9a79ab357579cb152c51a")]
    public void What_AWS_signs_is_let_in(string host, string region, string expires, string? session, string signature)
    {
        Dictionary<string, string> fields = Fields();
        fields["host"] = host;
        fields["x-amz-credential"] = $"{KeyId}/20260101/{region}/kafka-cluster/aws4_request";
        fields["x-amz-expires"] = expires;
        fields["x-amz-signature"] = signature;
        fields.Remove("x-amz-security-token");
        if (session is not null)
        {
            fields["x-amz-security-token"] = session;
        }

        Assert.That(Refusal(fields, host: host), Is.Null);
        Assert.That(Read(fields).AccessKeyId, Is.EqualTo(KeyId));
    }

    [TestCase("user-agent", "another/1.0")]
    [TestCase("later", "something new")]
    public void What_is_not_signed_may_be_anything(string name, string value) => Assert.That(Refusal(Changed(name, value)), Is.Null);

    [Test]
    public void The_host_may_be_any_of_the_broker_in_any_case()
    {
        Assert.That(Read(Fields()).Refusal(Secret, ["another", Host.ToUpperInvariant()], SignedAt), Is.Null);
        Assert.That(Read(Fields()).Refusal(Secret, ["another", "localhost"], SignedAt), Is.EqualTo("the request is for another host"));
    }

    [Test]
    public void No_character_of_what_is_signed_can_be_another()
    {
        foreach ((string name, string value) in Fields().Where(field => field.Key != "user-agent"))
        {
            for (int at = 0; at < value.Length; at++)
            {
                Dictionary<string, string> fields = Changed(name, $"{value[..at]}{(value[at] == '1' ? '2' : '1')}{value[(at + 1)..]}");

                Assert.That(Refusal(fields, host: fields["host"]), Is.Not.Null, $"{name} at {at}");
            }
        }
    }

    [Test]
    public void Nothing_of_what_is_signed_can_be_left_out(
        [Values("version", "host", "action", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signedheaders", "x-amz-expires", "x-amz-security-token", "x-amz-signature")] string name)
    {
        Dictionary<string, string> fields = Fields();
        Assert.That(fields.Remove(name));

        Assert.That(Refusal(fields), Is.Not.Null);
    }

    [TestCase("version", "2021_10_22", "are not those of AWS_MSK_IAM")]
    [TestCase("action", "kafka-cluster:Connec", "are not those of AWS_MSK_IAM")]
    [TestCase("x-amz-algorithm", "AWS4-HMAC-SHA1", "are not those of AWS_MSK_IAM")]
    [TestCase("x-amz-signedheaders", "host;date", "are not those of AWS_MSK_IAM")]
    [TestCase("x-amz-credential", "AKIDEXAMPLE/20260102/eu-west-1/kafka-cluster/aws4_request", "not of that day and service")]
    [TestCase("x-amz-credential", "AKIDEXAMPLE/20260101/eu-west-1/s3/aws4_request", "not of that day and service")]
    [TestCase("x-amz-credential", "AKIDEXAMPLE//eu-west-1/kafka-cluster/aws4_request", "not of that day and service")]
    [TestCase("x-amz-credential", "AKIDEXAMPLE", "not of that day and service")]
    [TestCase("x-amz-credential", "AKIDEXAMPLE/20260101/eu-west-2/kafka-cluster/aws4_request", "the signature is not")]
    [TestCase("x-amz-date", "20260101", "cannot be read")]
    [TestCase("x-amz-expires", "-1", "cannot be read")]
    [TestCase("x-amz-expires", "99999999999", "cannot be read")]
    [TestCase("x-amz-expires", "901", "the signature is not")]
    [TestCase("x-amz-signature", "3B4A5C2BC4176F7EA20597BA7D99D6B3F786999DD5F0137CBA4FA3B00450F7CE", "the signature is not")]
    public void A_refusal_says_what_is_wrong(string name, string value, string reason) => Assert.That(Refusal(Changed(name, value)), Does.Contain(reason));

    [Test]
    public void Another_secret_is_told_from_none()
    {
        Assert.That(Read(Fields()).Refusal(Secret + "x", [Host], SignedAt), Does.Contain("the signature is not"));
        Assert.That(Read(Fields()).Refusal("", [Host], SignedAt), Does.Contain("the signature is not"));
        Assert.That(Read(Fields()).Refusal(null, [Host], SignedAt), Does.Contain("the access key is not known"));
    }

    [TestCase(-900, null)]
    [TestCase(-901, "more than 15 minutes")]
    [TestCase(900, null)]
    [TestCase(901, "more than 15 minutes")]
    public void The_date_is_within_15_minutes_of_the_brokers(int seconds, string? reason) =>
        Assert.That(Refusal(Fields(), now: SignedAt.AddSeconds(seconds)), reason is null ? Is.Null : Does.Contain(reason));

    // botocore's signature for a minute.
    [TestCase(60, null)]
    [TestCase(61, "has expired")]
    public void A_request_ends_when_it_says(int seconds, string? reason)
    {
        Dictionary<string, string> fields = Changed("x-amz-expires", "60");
        fields["x-amz-signature"] = "7ad936fb8d67a6658f7ccab34e292fdd69f822638b422f330165b8ed7d3d244c";

        Assert.That(Refusal(fields, now: SignedAt.AddSeconds(seconds)), reason is null ? Is.Null : Does.Contain(reason));
    }

    [TestCase("")]
    [TestCase("nonsense")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("\"version\"")]
    [TestCase("{\"version\":\"2020_10_22\"")]
    [TestCase("{\"version\":2020}")]
    [TestCase("{\"version\":{\"version\":\"2020_10_22\"}}")]
    [TestCase("{\"host\":\"a\",\"host\":\"b\"}")]
    [TestCase("{\"host\":\"a\",\"\\u0068ost\":\"b\"}")]
    [TestCase("{\"host\":\"\\ud800\"}")]
    [TestCase("{\"\\ud800\":\"host\"}")]
    public void What_is_no_object_of_strings_is_not_read(string message) => Assert.That(AwsMskIamRequest.Parse(Encoding.UTF8.GetBytes(message)), Is.Null);

    [Test]
    public void What_is_no_Unicode_is_not_read()
    {
        Assert.That(AwsMskIamRequest.Parse((byte[])[.. "{\"host\":\""u8, 0xff, .. "\"}"u8]), Is.Null);
        Assert.That(AwsMskIamRequest.Parse((byte[])[.. "{\""u8, 0xff, .. "\":\"host\"}"u8]), Is.Null);
        Assert.That(AwsMskIamRequest.Parse((byte[])[.. Enumerable.Repeat((byte)'{', 5000)]), Is.Null);
    }

    private static Dictionary<string, string> Fields() => new()
    {
        ["version"] = "2020_10_22",
        ["host"] = Host,
        ["user-agent"] = "a-client",
        ["action"] = "kafka-cluster:Connect",
        ["x-amz-algorithm"] = "AWS4-HMAC-SHA256",
        ["x-amz-credential"] = $"{KeyId}/20260101/eu-west-1/kafka-cluster/aws4_request",
        ["x-amz-date"] = "20260101T000000Z",
        ["x-amz-signedheaders"] = "host",
        ["x-amz-expires"] = "900",
        ["x-amz-security-token"] = "session/+=",
        ["x-amz-signature"] = Signature,
    };

    private static Dictionary<string, string> Changed(string name, string value) => new(Fields()) { [name] = value };

    private static AwsMskIamRequest Read(Dictionary<string, string> fields) => AwsMskIamRequest.Parse(JsonSerializer.SerializeToUtf8Bytes(fields))!;

    private static string? Refusal(Dictionary<string, string> fields, string host = Host, DateTimeOffset? now = null)
    {
        string? refusal = Read(fields).Refusal(Secret, [host], now ?? SignedAt);
        Assert.That(refusal ?? "", Does.Not.Contain(Secret).And.Not.Contain(Signature));
        return refusal;
    }
}
