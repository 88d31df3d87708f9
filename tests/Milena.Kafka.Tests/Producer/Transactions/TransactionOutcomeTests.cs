using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>What a scope says of its end is true, and it says it when it is known.</summary>
[TestFixture(1)]
[TestFixture(2)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TransactionOutcomeTests(int generation) : TransactionTest(generation)
{
    [Test]
    public async Task A_scope_whose_producer_is_denied_is_aborted_at_once([Values(ApiKey.Produce, ApiKey.TxnOffsetCommit, ApiKey.EndTxn)] ApiKey step, CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("input", partitions: 1);
        await using Producer<string?, string?> producer = CreateTransactional();
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        Cluster.Fail(step, ErrorCode.TransactionalIdAuthorizationFailed, new FaultScope());
        await transaction.EnqueueAsync(To(0, "lost"), cancellationToken);
        transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition("input", 0), 5));

        KafkaException? denied = await Assert.ThrowsAsync<KafkaException>(async () => await transaction.CommitAsync(cancellationToken));

        Assert.That(denied!.Code, Is.EqualTo(ErrorCode.TransactionalIdAuthorizationFailed));
        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        await Assert.ThatAsync(async () => await transaction.AbortAsync(cancellationToken), Throws.Exception.SameAs(denied), "a producer at its end says so everywhere");
        await transaction.DisposeAsync();
        await CheckThatNothingCountsAsync(cancellationToken);
    }

    [Test]
    public async Task A_scope_that_is_fenced_while_nobody_waits_is_aborted_at_once(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> first = CreateTransactional();
        ProducerTransaction<string?, string?> transaction = await first.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(To(0, "lost"), cancellationToken);
        await using Producer<string?, string?> second = CreateTransactional();
        await CommitAsync(second, cancellationToken, To(1, "a"));

        await Assert.ThatAsync(async () => await transaction.AbortAsync(cancellationToken), Throws.TypeOf<ProducerFencedException>());

        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.Empty);
    }

    [Test]
    public async Task Records_that_wait_when_their_producer_is_fenced_say_so(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> first = CreateTransactional(configure: o => o.BatchSize = 256);
        ProducerTransaction<string?, string?> transaction = await first.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(To(0, "lost"), cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);
        Cluster.Fail(ApiKey.EndTxn, ErrorCode.ProducerFenced, new FaultScope());
        Cluster.Fail(ApiKey.Produce, ErrorCode.ProducerFenced, new FaultScope());
        ValueTask<DeliveryResult>[] waiting = [.. Enumerable.Range(0, 200).Select(i => transaction.ProduceAsync(To(0, $"lost {i}"), cancellationToken))];
        hold.Release();

        foreach (ValueTask<DeliveryResult> delivery in waiting)
        {
            DeliveryException? failure = await ProducerFaultTests.FailureOfAsync(delivery);
            Assert.That(failure, Is.Not.Null);
            Assert.That(failure!.Code == ErrorCode.ProducerFenced || failure.InnerException is ProducerFencedException, $"{failure.Message} {failure.InnerException}");
        }

        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        await Assert.ThatAsync(async () => await transaction.CommitAsync(cancellationToken), Throws.TypeOf<ProducerFencedException>());
    }

    [Test]
    public async Task A_commit_that_is_cut_off_before_the_coordinator_was_asked_is_aborted(CancellationToken cancellationToken)
    {
        await using var kafka = new KafkaClient(ClientOptions(Cluster.BootstrapServers));
        Producer<string?, string?> producer = CreateTransactional(kafka: kafka);
        await CommitAsync(producer, cancellationToken, To(1, "a"));
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);
        await transaction.EnqueueAsync(To(0, "lost"), cancellationToken);
        Task commit = transaction.CommitAsync(cancellationToken);
        await producer.AbortAsync();
        await kafka.DisposeAsync();

        await Assert.ThatAsync(async () => await commit, Throws.InstanceOf<KafkaException>());
        hold.Release();
        await transaction.DisposeAsync();
        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Aborted));

        // What the producer leaves behind may still have been aborted on the way out.
        Assert.That(Cluster.Received<EndTxnRequest>().Count(r => r.Committed), Is.EqualTo(1));
        await CheckThatNothingCountsAsync(cancellationToken);
    }

    [Test]
    public async Task A_commit_that_is_cut_off_after_the_coordinator_was_asked_is_unknown([Values] bool closesClient, [Values] bool wasHeeded, CancellationToken cancellationToken)
    {
        await using var kafka = new KafkaClient(ClientOptions(Cluster.BootstrapServers));
        Producer<string?, string?> producer = CreateTransactional(kafka: kafka);
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(To(0, "b"), cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.EndTxn, new FaultScope { AfterHandling = wasHeeded });
        Task commit = transaction.CommitAsync(cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);
        if (closesClient)
        {
            await kafka.DisposeAsync();
        }

        await producer.AbortAsync();

        await Assert.ThatAsync(async () => await commit, Throws.TypeOf<TransactionException>().With.Property("Outcome").EqualTo(TransactionOutcome.Unknown));
        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Unknown));
        await transaction.DisposeAsync();
        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Unknown));
    }

    [Test]
    public async Task Offsets_of_a_topic_that_is_not_there_cost_the_transaction_soon(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        await using (ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken))
        {
            await transaction.ProduceAsync(To(0, "lost"), cancellationToken);
            transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition("no-such-topic", 3), 5));
            await Assert.ThatAsync(
                async () => await transaction.CommitAsync(cancellationToken),
                Throws.TypeOf<TransactionException>().With.Message.Contains("no-such-topic").And.Message.Contains("UNKNOWN_TOPIC_OR_PARTITION"));
        }

        Assert.That(Cluster.ReceivedCount(ApiKey.TxnOffsetCommit), Is.InRange(2, 6), "a topic that was just made may not be known everywhere; one that is not there is not waited for");
        await CommitAsync(producer, cancellationToken, To(0, "a"));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a" }));
    }

    private async Task CheckThatNothingCountsAsync(CancellationToken cancellationToken)
    {
        Cluster.ClearFaults();
        await using Producer<string?, string?> next = CreateTransactional();
        await CommitAsync(next, cancellationToken, To(0, "after"));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "after" }));
        Assert.That(Cluster.CommittedOffset(Group.GroupId, "input", 0), Is.EqualTo(-1));
    }
}
