using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Security;

/// <summary>What tests of security need again and again: options of the cluster and of the client, one record there.</summary>
internal static class SecureCluster
{
    public const string Topic = "payments";

    public const string User = "alice";

    public const string Password = "pass-WORD-2f1c";

    public static Task<TestCluster> StartAsync(TestSecurityOptions security, CancellationToken cancellationToken, int brokers = 1, TimeProvider? time = null) =>
        TestCluster.StartAsync(brokers, new TestClusterOptions { Security = security, TimeProvider = time ?? TimeProvider.System }, cancellationToken);

    public static TestSaslOptions Sasl(params string[] mechanisms)
    {
        var options = new TestSaslOptions { Users = { [User] = Password } };
        if (mechanisms.Length > 0)
        {
            options.Mechanisms.Clear();
            Array.ForEach(mechanisms, options.Mechanisms.Add);
        }

        return options;
    }

    public static KafkaClient Client(TestCluster cluster, SecurityOptions security, Action<KafkaClientOptions>? change = null)
    {
        var options = new KafkaClientOptions
        {
            BootstrapServers = cluster.BootstrapServers,
            Security = security,
            RetryBackoff = TimeSpan.FromMilliseconds(5),
            RetryBackoffMax = TimeSpan.FromMilliseconds(20),
            ReconnectBackoff = TimeSpan.FromMilliseconds(5),
            ReconnectBackoffMax = TimeSpan.FromMilliseconds(20),
            Seed = 1,
        };
        change?.Invoke(options);
        return new KafkaClient(options);
    }

    public static SecurityOptions Tls(TestCertificates certificates) =>
        new() { Protocol = SecurityProtocol.Ssl, Tls = { AuthorityPem = certificates.AuthorityPem } };

    public static SecurityOptions Sasl(ISaslMechanism mechanism) => new() { Protocol = SecurityProtocol.SaslPlaintext, Sasl = mechanism };

    /// <summary>Stores one record, and looks whether it is there.</summary>
    public static async Task ProduceOneAsync(TestCluster cluster, SecurityOptions security, CancellationToken cancellationToken)
    {
        await using KafkaClient kafka = Client(cluster, security);
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>();

        DeliveryResult stored = await producer.ProduceAsync(Topic, "k", "v", cancellationToken);

        Assert.That(stored.Offset, Is.EqualTo(cluster.EndOffset(Topic, 0) - 1));
    }

    /// <summary>The exception that the first operation of a client ends with.</summary>
    public static async Task<TException> FailureAsync<TException>(TestCluster cluster, SecurityOptions security, CancellationToken cancellationToken)
        where TException : Exception
    {
        await using KafkaClient kafka = Client(cluster, security, options => options.ApiTimeout = TimeSpan.FromSeconds(5));
        return (await Assert.ThrowsAsync<TException>(() => kafka.CreateAdmin().CreateTopicAsync(new Milena.Kafka.NewTopic(Topic), cancellationToken)))!;
    }
}
