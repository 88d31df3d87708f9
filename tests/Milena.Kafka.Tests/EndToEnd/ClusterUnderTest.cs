using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>A running cluster of one kind, made ready or skipped with a reason.</summary>
internal sealed class ClusterUnderTest : IAsyncDisposable
{
    private readonly LibrdkafkaMockCluster? _mock;
    private readonly IAsyncDisposable? _owned;

    private ClusterUnderTest(string bootstrapServers, IAsyncDisposable? owned, LibrdkafkaMockCluster? mock)
    {
        BootstrapServers = bootstrapServers;
        _owned = owned;
        _mock = mock;
    }

    public string BootstrapServers { get; }

    public static async Task<ClusterUnderTest> StartAsync(ClusterKind kind, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case ClusterKind.Embedded:
                TestCluster embedded = await TestCluster.StartAsync(brokers: 3, cancellationToken: cancellationToken);
                return new(embedded.BootstrapServers, embedded, null);
            case ClusterKind.Librdkafka:
                SkipUnless(LibrdkafkaMockCluster.IsAvailable(out string noMock), noMock);
                var mock = new LibrdkafkaMockCluster(brokers: 3);
                return new(mock.BootstrapServers, null, mock);
            case ClusterKind.Outside:
                SkipUnless(OutsideCluster.IsAvailable(out string noCluster), noCluster);
                return new(OutsideCluster.BootstrapServers, null, null);
            default:
                SkipUnless(KafkaHome.IsAvailable(out string noHome), noHome);
                KafkaHomeCluster home = await KafkaHomeCluster.StartAsync(3, new KafkaHomeOptions(), cancellationToken);
                return new(home.BootstrapServers, home, null);
        }
    }

    /// <summary>A new topic of a name that was never used before.</summary>
    public async Task<string> CreateTopicAsync(KafkaClient kafka, int partitions, CancellationToken cancellationToken)
    {
        string topic = $"e2e-{Guid.NewGuid():N}";
        if (_mock is not null)
        {
            // The mock cluster has no admin APIs.
            _mock.CreateTopic(topic, partitions);
        }
        else
        {
            await kafka.CreateAdmin().CreateTopicAsync(new NewTopic(topic) { Partitions = partitions, ReplicationFactor = 1 }, cancellationToken);
        }

        return topic;
    }

    public ValueTask DisposeAsync()
    {
        _mock?.Dispose();
        return _owned?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private static void SkipUnless(bool available, string reason)
    {
        if (!available)
        {
            Assert.Ignore(reason);
        }
    }
}
