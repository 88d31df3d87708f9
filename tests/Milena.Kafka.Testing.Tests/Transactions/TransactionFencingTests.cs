using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Protocol.ErrorCode;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>Who may write under a transactional id, and who no more.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TransactionFencingTests : TransactionClusterTest
{
    [Test]
    public async Task A_second_producer_fences_the_first_everywhere([Values] bool isSecondGeneration)
    {
        TransactionalProducer first = await StartAsync(isSecondGeneration);
        await first.WriteAsync(0, "lost");
        var second = new TransactionalProducer(Clients, "tx", isSecondGeneration);

        Assert.That(await second.InitializeAsync(), Is.EqualTo(ConcurrentTransactions), "the transaction of the first is aborted first");
        Assert.That(await second.InitializeAsync(), Is.EqualTo(None));

        // One for the fence, one for the abort, as the cluster is of the second generation, and one for the second producer.
        Assert.That((second.Id, second.Epoch), Is.EqualTo((first.Id, (short)(first.Epoch + 3))));
        Assert.That(await first.ProduceAsync(0, "late"), Is.EqualTo(InvalidProducerEpoch));
        Assert.That(await first.ProduceAsync(1, "late"), Is.EqualTo(InvalidProducerEpoch), "where it has never been too");
        Assert.That(await first.AddAsync(0), Is.EqualTo(ProducerFenced));
        Assert.That(await first.AddAsync(0, version: 1), Is.EqualTo(InvalidProducerEpoch));
        Assert.That(await first.AddGroupAsync(Group), Is.EqualTo(ProducerFenced));
        Assert.That(await first.AddGroupAsync(Group, version: 1), Is.EqualTo(InvalidProducerEpoch));
        Assert.That(await first.CommitOnlyAsync(Group, 0, 1), Is.EqualTo(InvalidProducerEpoch));
        Assert.That(await first.EndAsync(true), Is.EqualTo(ProducerFenced));
        Assert.That(await first.EndAsync(true, version: 1), Is.EqualTo(InvalidProducerEpoch));
        Assert.That(await first.InitializeAsync(goesOn: true), Is.EqualTo(ProducerFenced));
        Assert.That(await first.InitializeAsync(goesOn: true, version: 3), Is.EqualTo(InvalidProducerEpoch));
        await second.WriteAsync(0, "kept");
        await second.EndAsync(true);
        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "kept" }));
    }

    [Test]
    public async Task A_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        await producer.WriteAsync(0, "a");
        await producer.CommitAsync(Group, 0, 5);
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("Ongoing"));

        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("CompleteAbort"));
        Assert.That(Cluster.LastStableOffset(Topic, 0), Is.EqualTo(2));
        Assert.That(await Clients.ReadCommittedAsync(0), Is.Empty);
        Assert.That(await Clients.FetchPositionAsync(Group, 0), Is.EqualTo((-1L, None)));
        Assert.That(await producer.ProduceAsync(0, "late"), Is.EqualTo(InvalidProducerEpoch));
        Assert.That(await producer.EndAsync(true), Is.EqualTo(ProducerFenced));
        Assert.That(await producer.InitializeAsync(), Is.EqualTo(None));
        Assert.That(await producer.WriteAsync(0, "b"), Is.EqualTo(None));
    }

    [Test]
    public async Task After_the_last_epoch_comes_another_producer_id([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        long id = producer.Id;
        Cluster.SkipProducerEpochs("tx", short.MaxValue - 2);
        Assert.That(await producer.InitializeAsync(), Is.EqualTo(None));
        Assert.That((producer.Id, producer.Epoch), Is.EqualTo((id, (short)(short.MaxValue - 1))));
        await producer.WriteAsync(0, "a");
        EndTxnResponse lost = await producer.SendEndAsync(true, (short)(isSecondGeneration ? 5 : 4));

        if (isSecondGeneration)
        {
            Assert.That((lost.ProducerId == id, lost.ProducerEpoch), Is.EqualTo((false, (short)0)));
            Assert.That(await producer.EndAsync(true), Is.EqualTo(None), "again, as the answer was lost");
        }
        else
        {
            Assert.That(await producer.InitializeAsync(goesOn: true), Is.EqualTo(None));
        }

        Assert.That((producer.Id == id, producer.Epoch), Is.EqualTo((false, (short)0)));
        await producer.WriteAsync(0, "b");
        await producer.EndAsync(true);
        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task A_producer_that_goes_on_after_an_error_keeps_its_id_and_may_ask_twice()
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration: false);
        var lost = new TransactionalProducer(Clients, "tx", false) { Id = producer.Id, Epoch = producer.Epoch };

        Assert.That(await producer.InitializeAsync(goesOn: true), Is.EqualTo(None));
        Assert.That(await lost.InitializeAsync(goesOn: true), Is.EqualTo(None));

        Assert.That((lost.Id, lost.Epoch), Is.EqualTo((producer.Id, producer.Epoch)));
        Assert.That(producer.Epoch, Is.EqualTo(1));
    }

    [Test]
    public async Task A_transactional_id_that_has_expired_is_unknown_to_its_producer([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        await producer.WriteAsync(0, "a");
        Assert.That(Cluster.ExpireTransactionalId("tx"), Is.False, "a transaction runs");
        await producer.EndAsync(true);

        Assert.That(Cluster.ExpireTransactionalId("tx"));

        Assert.That(await producer.WriteAsync(0, "b"), Is.EqualTo(InvalidProducerIdMapping));
        Assert.That(await producer.EndAsync(true), Is.EqualTo(InvalidProducerIdMapping));
        Assert.That(await producer.InitializeAsync(goesOn: true), Is.EqualTo(None), "a new id for the old one, KIP-360");
        Assert.That(await producer.WriteAsync(0, "b"), Is.EqualTo(None));
    }
}
