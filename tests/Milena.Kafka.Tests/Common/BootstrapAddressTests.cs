using Milena.Kafka.Common;

namespace Milena.Kafka.Tests.Common;

public class BootstrapAddressTests
{
    [TestCase("a:1", "a:1")]
    [TestCase("a:1,b:2", "a:1 b:2")]
    [TestCase(" a:1 , b:2 ,", "a:1 b:2")]
    [TestCase("[::1]:9092", "[::1]:9092")]
    [TestCase("PLAINTEXT://a:1", "a:1")]
    public void A_list_is_read(string servers, string expected) =>
        Assert.That(string.Join(" ", BootstrapAddress.ParseList(servers)), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase(",")]
    [TestCase("a")]
    [TestCase("a:")]
    [TestCase(":1")]
    [TestCase("a:0")]
    [TestCase("a:65536")]
    [TestCase("a:x")]
    public void What_is_no_address_is_refused(string servers) =>
        Assert.That(() => BootstrapAddress.ParseList(servers), Throws.ArgumentException.With.Message.Contains("host:port"));
}
