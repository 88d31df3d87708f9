using System.Reflection;
using System.Xml.Linq;

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
    public void A_bootstrap_list_that_cannot_be_read_is_one_fault_among_others() =>
        Assert.That(
            () => new KafkaClient(new KafkaClientOptions { BootstrapServers = "localhost", ClientId = null!, RetryBackoffMax = TimeSpan.MaxValue }),
            Throws.ArgumentException.With.Message.Contains("'localhost'").And.Message.Contains("ClientId").And.Message.Contains("RetryBackoffMax"));

    [TestCase(typeof(KafkaClientOptions))]
    [TestCase(typeof(ProducerOptions))]
    [TestCase(typeof(ConsumerOptions))]
    [TestCase(typeof(RunOptions))]
    public void Every_option_says_its_default_and_what_Kafka_calls_it(Type options)
    {
        Dictionary<string, XElement> documented = XDocument.Load(Path.ChangeExtension(options.Assembly.Location, ".xml"))
            .Descendants("member").ToDictionary(m => m.Attribute("name")!.Value);
        foreach (PropertyInfo option in options.GetProperties())
        {
            XElement documentation = documented[$"P:{options.FullName}.{option.Name}"];
            Assert.That(documentation.Element("value")?.Value, Is.Not.Null.And.Not.Empty, option.Name);
            Assert.That(documentation.Element("remarks")?.Value, Does.Contain("calls this ").Or.Contain("No Kafka property"), option.Name);
        }
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
