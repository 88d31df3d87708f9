using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli.Tests;

/// <summary>What Kafka's properties mean in our options.</summary>
public class KafkaPropertiesTests
{
    private static readonly TestCaseData[] Resets =
    [
        new("earliest", StartPosition.Beginning),
        new("Latest", StartPosition.End),
        new("none", null),
        new("by_duration:P1DT12H", StartPosition.Ago(TimeSpan.FromHours(36))),
        new("by_duration:PT1H30M0.5S", StartPosition.Ago(new TimeSpan(0, 1, 30, 0, 500))),
        new("BY_DURATION:pt5m", StartPosition.Ago(TimeSpan.FromMinutes(5))),
        new("by_duration:PT0S", StartPosition.Ago(TimeSpan.Zero)),
    ];

    [TestCaseSource(nameof(Resets))]
    public void A_reset_holds_without_a_committed_offset_and_out_of_range(string value, StartPosition? expected)
    {
        ConsumerOptions options = Read(value);

        Assert.That((options.AutoOffsetReset, options.OutOfRange), Is.EqualTo((expected, expected)));
    }

    [TestCase("")]
    [TestCase("soon")]
    [TestCase("by_duration")]
    [TestCase("by_duration:")]
    [TestCase("by_duration:1h")]
    [TestCase("by_duration:P")]
    [TestCase("by_duration:-PT1H")]
    [TestCase("by_duration:P1M")]
    [TestCase("by_duration:P1Y2D")]
    [TestCase("by_duration:PT1H2")]
    [TestCase("by_duration:P99999999999999999999D")]
    [TestCase("beginning")]
    public void A_reset_that_is_none_is_refused(string value) =>
        Assert.That(() => Read(value), Throws.ArgumentException.With.Message.EqualTo(
            $"'{value}' is no value of auto.offset.reset; it takes earliest, latest, none or by_duration:PnDTnHnMn.nS, such as by_duration:P1DT12H."));

    private static ConsumerOptions Read(string reset) => new KafkaProperties(new Dictionary<string, string> { ["auto.offset.reset"] = reset }).ConsumerOptions();
}
