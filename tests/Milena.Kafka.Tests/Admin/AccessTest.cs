using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Security;

namespace Milena.Kafka.Tests.Admin;

/// <summary>A cluster with users and rules: admin may do everything, alice what rules let her.</summary>
[CancelAfter(60_000)]
public abstract class AccessTest
{
    protected const string Alice = "User:alice";

    private readonly List<KafkaClient> _clients = [];

    protected TestCluster Cluster { get; private set; } = null!;

    protected TestSaslOptions Sasl { get; } = SecureCluster.Sasl();

    protected TimeProvider Time { get; init; } = TimeProvider.System;

    protected AdminClient Admin { get; private set; } = null!;

    [SetUp]
    public async Task StartAsync()
    {
        Sasl.Users["admin"] = SecureCluster.Password;
        var security = new TestSecurityOptions { Sasl = Sasl, Authorization = new TestAuthorizationOptions { SuperUsers = { "User:admin" } } };
        Cluster = await SecureCluster.StartAsync(security, CancellationToken.None, brokers: 2, Time);
        Admin = AdminOf(Client(new SaslPlain("admin", SecureCluster.Password)));
    }

    [TearDown]
    public async Task StopAsync()
    {
        foreach (KafkaClient client in _clients)
        {
            await client.DisposeAsync();
        }

        await Cluster.DisposeAsync();
    }

    protected static AdminClient AdminOf(KafkaClient client) => client.CreateAdmin();

    protected AdminClient AdminOfAlice() => AdminOf(Client(new SaslPlain(SecureCluster.User, SecureCluster.Password)));

    protected KafkaClient Client(ISaslMechanism mechanism)
    {
        KafkaClient client = SecureCluster.Client(Cluster, SecureCluster.Sasl(mechanism), options => options.ApiTimeout = TimeSpan.FromSeconds(20));
        _clients.Add(client);
        return client;
    }
}
