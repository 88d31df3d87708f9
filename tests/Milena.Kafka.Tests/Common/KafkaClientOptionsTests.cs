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
    public void A_bootstrap_list_that_cannot_be_read_is_refused_at_once() =>
        Assert.That(() => new KafkaClient("localhost"), Throws.ArgumentException.With.Message.Contains("'localhost'"));
}
