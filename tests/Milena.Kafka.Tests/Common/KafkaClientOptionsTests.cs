namespace Milena.Kafka.Tests.Common;

public class KafkaClientOptionsTests
{
    [Test]
    public void All_faults_are_named_in_one_message()
    {
        var options = new KafkaClientOptions { RequestTimeout = TimeSpan.Zero, RetryBackoffMax = TimeSpan.Zero };

        Assert.That(() => new KafkaClient(options), Throws.ArgumentException
            .With.Message.Contains("BootstrapServers")
            .And.Message.Contains("RequestTimeout")
            .And.Message.Contains("RetryBackoffMax"));
    }

    [Test]
    public void Times_that_no_timer_can_measure_are_refused()
    {
        var options = new KafkaClientOptions
        {
            BootstrapServers = "localhost:9092",
            ApiTimeout = TimeSpan.MaxValue,
            ConnectionSetupTimeout = TimeSpan.FromDays(25),
            MetadataMaxAge = TimeSpan.FromDays(50),
        };

        Assert.That(() => new KafkaClient(options), Throws.ArgumentException
            .With.Message.Contains("ApiTimeout")
            .And.Message.Contains("ConnectionSetupTimeout")
            .And.Message.Contains("MetadataMaxAge"));
    }

    [Test]
    public void A_bootstrap_list_that_cannot_be_read_is_refused_at_once() =>
        Assert.That(() => new KafkaClient("localhost"), Throws.ArgumentException.With.Message.Contains("'localhost'"));
}
