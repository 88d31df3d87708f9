using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Cluster;

[CancelAfter(20_000)]
public class CoordinatorLookupTests
{
    [TestCase(6)]
    [TestCase(3)]
    [TestCase(0)]
    public async Task A_coordinator_is_looked_up_once_and_again_when_it_was_forgotten(int version, CancellationToken cancellationToken)
    {
        await using TestCluster embedded = await TestCluster.StartAsync(brokers: 3, cancellationToken: cancellationToken);
        embedded.MaxVersion(ApiKey.FindCoordinator, (short)version);
        await using var cluster = new KafkaCluster(new KafkaClientOptions { BootstrapServers = embedded.BootstrapServers }, new TcpConnector());
        var group = new CoordinatorKey(CoordinatorKeyType.Group, "billing");

        BrokerEndpoint first = await cluster.Driver.CoordinatorOfAsync(group, cancellationToken);
        BrokerEndpoint second = await cluster.Driver.CoordinatorOfAsync(group, cancellationToken);
        Assert.That(embedded.ReceivedCount(ApiKey.FindCoordinator), Is.EqualTo(1));
        cluster.Coordinators.Forget(group);
        BrokerEndpoint third = await cluster.Driver.CoordinatorOfAsync(group, cancellationToken);

        Assert.That(embedded.BrokerIds, Does.Contain(first.Id));
        Assert.That((second, third), Is.EqualTo((first, first)));
        Assert.That(embedded.ReceivedCount(ApiKey.FindCoordinator), Is.EqualTo(2));
    }

    [TestCase(ErrorCode.CoordinatorNotAvailable)]
    [TestCase(ErrorCode.CoordinatorLoadInProgress)]
    public async Task A_coordinator_that_is_not_there_yet_is_asked_for_again(ErrorCode error, CancellationToken cancellationToken)
    {
        await using TestCluster embedded = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        embedded.FailNext(ApiKey.FindCoordinator, error);
        await using var cluster = new KafkaCluster(new KafkaClientOptions { BootstrapServers = embedded.BootstrapServers }, new TcpConnector());

        BrokerEndpoint found = await cluster.Driver.CoordinatorOfAsync(new CoordinatorKey(CoordinatorKeyType.Group, "billing"), cancellationToken);

        Assert.That(found.Id, Is.EqualTo(embedded.BrokerIds.Single()));
    }
}
