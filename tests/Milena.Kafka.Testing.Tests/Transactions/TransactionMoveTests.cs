using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Protocol.ErrorCode;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>Transactions outlive coordinators and leaders.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TransactionMoveTests : TransactionClusterTest
{
    [Test]
    public async Task The_coordinator_moves_and_takes_the_running_transaction_along([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        await producer.WriteAsync(0, "a");
        int old = Cluster.TransactionCoordinator("tx");

        Cluster.MoveTransactionCoordinator("tx", 3 - old);

        RawClient former = await Clients.ToAsync(old);
        Assert.That((await former.SendAsync(new EndTxnRequest { TransactionalId = "tx" }, 4, Bound)).ErrorCode, Is.EqualTo(NotCoordinator));
        FindCoordinatorResponse found = await former.SendAsync(new FindCoordinatorRequest { CoordinatorKeys = ["tx"], KeyType = (sbyte)CoordinatorKeyType.Transaction }, 4, Bound);
        Assert.That(found.Coordinators.Single().NodeId, Is.EqualTo(3 - old));
        Assert.That(await producer.EndAsync(true), Is.EqualTo(None));
        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task A_coordinator_that_stops_leaves_prepared_transactions_to_the_next()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        TransactionHold hold = Cluster.HoldTransactions();
        await producer.EndAsync(true);
        int old = Cluster.TransactionCoordinator("tx");
        Clients.Leave(old);

        await Cluster.StopBrokerAsync(old);
        hold.Release();

        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("CompleteCommit"));
        Assert.That(await producer.WriteAsync(0, "b"), Is.EqualTo(None));
        Assert.That(await producer.EndAsync(true), Is.EqualTo(None));
        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task A_partition_without_a_leader_gets_its_marker_when_it_has_one()
    {
        Cluster.MoveTransactionCoordinator("tx", 1);
        Cluster.CreateTopic("alone", replicationFactor: 1);
        Cluster.MoveLeader("alone", 0, 2);
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        RawClient coordinator = await Clients.ToAsync(1);
        await coordinator.SendAsync(
            new AddPartitionsToTxnRequest
            {
                V3AndBelowTransactionalId = "tx",
                V3AndBelowProducerId = producer.Id,
                V3AndBelowProducerEpoch = producer.Epoch,
                V3AndBelowTopics = [new() { Name = "alone", Partitions = [0] }],
            },
            3,
            Bound);
        Clients.Leave(2);
        await Cluster.StopBrokerAsync(2);

        Assert.That(await producer.EndAsync(true), Is.EqualTo(None));
        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("PrepareCommit"));
        Assert.That(Cluster.Transaction("tx")!.Partitions, Is.EqualTo(new[] { ("alone", 0) }));
        await Cluster.StartBrokerAsync(2);

        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("CompleteCommit"));
        Assert.That(Cluster.Batches("alone", 0).Single().IsControl);
    }

    [Test]
    public async Task An_unclean_election_leaves_what_stands_in_the_log()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        await producer.EndAsync(false);
        await producer.WriteAsync(0, "b");
        await producer.WriteAsync(0, "c");

        Cluster.LoseRecords(Topic, 0, 3);

        Assert.That(Cluster.LastStableOffset(Topic, 0), Is.EqualTo(2));
        await producer.EndAsync(true);
        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "b" }));
    }
}
