using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Protocol.ErrorCode;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>Brokers before Kafka 3.6, whose leaders do not ask the coordinator.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class UnverifiedTransactionTests : TransactionClusterTest
{
    protected override TestClusterOptions Options => new() { TimeProvider = Time, TransactionVersion = 0, TransactionPartitionVerification = false };

    [Test]
    public async Task A_late_batch_leaves_a_transaction_that_hangs_until_a_marker_is_written_for_it()
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration: false);
        await producer.WriteAsync(0, "a");
        await producer.EndAsync(true);

        Assert.That(await producer.ProduceAsync(0, "late"), Is.EqualTo(None), "the partition is not enrolled, but nobody looks");

        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("CompleteCommit"), "the coordinator knows nothing of it");
        Assert.That(Cluster.LastStableOffset(Topic, 0), Is.EqualTo(2));
        var marker = new WriteTxnMarkersRequest
        {
            Markers = [new() { ProducerId = producer.Id, ProducerEpoch = producer.Epoch, Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }],
        };
        await (await Clients.ToAsync(Cluster.Leader(Topic, 0))).SendAsync(marker, 1, Bound);
        Assert.That(Cluster.LastStableOffset(Topic, 0), Is.EqualTo(4));
        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "a" }));
    }
}
