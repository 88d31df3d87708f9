using System.Text.RegularExpressions;
using Milena.Kafka.Protocol.Tests.Messages;

namespace Milena.Kafka.Protocol.Tests.Primitives;

/// <summary>The 22-character form of uuids.</summary>
public sealed class UuidTests
{
    [TestCase("00000000-0000-0000-0000-000000000000", "AAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("4c5e6c94-2854-411e-859e-17994707566c", "TF5slChUQR6FnheZRwdWbA")]
    [TestCase("00000000-0000-0000-0000-000000000001", "AAAAAAAAAAAAAAAAAAAAAQ")]
    [TestCase("ffffffff-ffff-ffff-ffff-ffffffffffff", "_____________________w")]
    public void A_uuid_and_its_text_form_name_each_other(string uuid, string text)
    {
        Assert.That(Uuid.ToText(Guid.Parse(uuid)), Is.EqualTo(text));
        Assert.That(Uuid.TryParse(text, out Guid parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(Guid.Parse(uuid)));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("TF5slChUQR6FnheZRwdWb")]
    [TestCase("TF5slChUQR6FnheZRwdWbAA")]
    [TestCase("TF5slChUQR6FnheZRwdWbA==")]
    [TestCase("TF5slChUQR6FnheZRwdW==")]
    [TestCase("TF5slChUQR6FnheZRwdW+A")]
    [TestCase("TF5slChUQR6FnheZRwdW/A")]
    [TestCase("TF5slChUQR6Fn eZRwdWbA")]
    [TestCase(" TF5slChUQR6FnheZRwdWb")]
    [TestCase("TF5slChUQR6FnheZRwdWbB", Description = "bits behind the last byte")]
    [TestCase("4c5e6c94-2854-411e-859e-17994707566c")]
    public void Other_text_is_refused(string? text)
    {
        Assert.That(Uuid.TryParse(text, out Guid value), Is.False);
        Assert.That(value, Is.EqualTo(Guid.Empty));
    }

    [Test]
    public void Every_topic_id_of_the_recorded_values_survives()
    {
        string[] all = [.. VectorFile.Apis.SelectMany(VectorFile.Values)
            .SelectMany(line => Regex.Matches(line, "Id\":\"([A-Za-z0-9_-]{22})\"").Select(m => m.Groups[1].Value)).Distinct()];
        Assert.That(all, Has.Length.GreaterThan(100));
        foreach (string text in all)
        {
            Assert.That(Uuid.TryParse(text, out Guid uuid) && Uuid.ToText(uuid) == text, text);
        }
    }
}
