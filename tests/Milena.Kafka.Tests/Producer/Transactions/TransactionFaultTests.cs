using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>Errors at every step of a transaction, before and after it is carried out. Whatever comes: committed records are those of scopes that said so.</summary>
[TestFixture(1)]
[TestFixture(2)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TransactionFaultTests(int generation) : TransactionTest(generation)
{
    private static readonly ApiKey[] Steps =
        [ApiKey.FindCoordinator, ApiKey.InitProducerId, ApiKey.AddPartitionsToTxn, ApiKey.Produce, ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit, ApiKey.EndTxn];

    private static readonly ErrorCode[] Passing =
    [
        ErrorCode.CoordinatorNotAvailable, ErrorCode.NotCoordinator, ErrorCode.CoordinatorLoadInProgress, ErrorCode.ConcurrentTransactions, ErrorCode.RequestTimedOut,
    ];

    // Before a request is carried out a broker may say whatever it likes, but not that it has the batch already.
    private static readonly ErrorCode[] All = [.. Enum.GetValues<ErrorCode>().Where(code => code is not (ErrorCode.None or ErrorCode.DuplicateSequenceNumber)), (ErrorCode)9999];

    [Test]
    public async Task What_passes_is_waited_out([ValueSource(nameof(Steps))] ApiKey step, [ValueSource(nameof(Passing))] ErrorCode error, [Values] bool afterHandling, CancellationToken cancellationToken)
    {
        if (step == ApiKey.Produce && error is ErrorCode.CoordinatorLoadInProgress or ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
        {
            error = ErrorCode.NotEnoughReplicas;
        }

        TransactionOutcome outcome = await RunAsync(() => Cluster.Fail(step, error, new FaultScope { Count = 2, AfterHandling = afterHandling }), cancellationToken);

        Assert.That(outcome, Is.EqualTo(TransactionOutcome.Committed));
    }

    [Test]
    public async Task Whatever_the_error_the_transaction_counts_as_a_whole_or_not_at_all([ValueSource(nameof(Steps))] ApiKey step, CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("input", partitions: 1);
        var expected = new List<string>();
        long position = -1;
        Producer<string?, string?> producer = CreateTransactional();
        for (int i = 0; i < All.Length; i++)
        {
            Cluster.ClearFaults();
            await producer.DisposeAsync();
            producer = CreateTransactional();
            Cluster.Fail(step, All[i], new FaultScope());
            TransactionOutcome outcome = await TransactAsync(producer, cancellationToken, $"{All[i]}", position: i);
            Assert.That(outcome, Is.Not.EqualTo(TransactionOutcome.Unknown), $"{All[i]}: the coordinator could be asked");
            (expected, position) = outcome == TransactionOutcome.Committed ? ([.. expected, $"{All[i]}"], i) : (expected, position);
            Assert.That(Cluster.CommittedOffset(Group.GroupId, "input", 0), Is.EqualTo(position), $"{All[i]}");
        }

        await producer.DisposeAsync();
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(expected));
        Assert.That(await CommittedAsync(1, cancellationToken), Is.EqualTo(expected));
    }

    [Test]
    public async Task A_lost_answer_is_asked_for_again([ValueSource(nameof(Steps))] ApiKey step, [Values] bool afterHandling, CancellationToken cancellationToken)
    {
        TransactionOutcome outcome = await RunAsync(() => Cluster.DropConnection(step, new FaultScope { AfterHandling = afterHandling }), cancellationToken);

        Assert.That(outcome, Is.EqualTo(TransactionOutcome.Committed));
    }

    [Test]
    public async Task A_coordinator_that_moves_is_followed([Values] bool beforeTheEnd, CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        for (int i = 0; i < 6; i++)
        {
            await using ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
            if (!beforeTheEnd)
            {
                Cluster.MoveTransactionCoordinator(Id, (i % 3) + 1);
            }

            await transaction.ProduceAsync(To(0, $"{i}"), cancellationToken);
            Cluster.MoveLeader(Topic, 0, ((i + 1) % 3) + 1);
            if (beforeTheEnd)
            {
                Cluster.MoveTransactionCoordinator(Id, (i % 3) + 1);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(Enumerable.Range(0, 6).Select(i => $"{i}")));
    }

    [Test]
    public async Task An_unreachable_coordinator_leaves_the_outcome_unknown_and_the_next_transaction_asks_again([Values] bool wasHeeded, CancellationToken cancellationToken)
    {
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.ApiTimeout = TimeSpan.FromMilliseconds(600);
        await using var kafka = new KafkaClient(options);
        await using Producer<string?, string?> producer = CreateTransactional(kafka: kafka);
        await CommitAsync(producer, cancellationToken, To(0, "a"));
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(To(0, "b"), cancellationToken);
        Cluster.DropConnection(ApiKey.EndTxn, new FaultScope { Count = int.MaxValue, AfterHandling = wasHeeded });

        TransactionException? unknown = await Assert.ThrowsAsync<TransactionException>(async () => await transaction.CommitAsync(cancellationToken));

        Assert.That((unknown!.Outcome, transaction.Outcome), Is.EqualTo((TransactionOutcome.Unknown, (TransactionOutcome?)TransactionOutcome.Unknown)));
        Assert.That(unknown.IsRetriable, Is.False);
        await transaction.DisposeAsync();
        Cluster.ClearFaults();
        await CommitAsync(producer, cancellationToken, To(0, "c"));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a", "b", "c" }), "what was asked for is what happens in the end");
    }

    [Test]
    public async Task A_transaction_that_could_be_neither_committed_nor_aborted_is_aborted_before_the_next_one(
        [Values(ErrorCode.TransactionAbortable, ErrorCode.GroupAuthorizationFailed, ErrorCode.UnknownProducerId, (ErrorCode)9999)] ErrorCode refusal,
        [Values(2, 3)] int refusals,
        CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        await CommitAsync(producer, cancellationToken, To(0, "a"));
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(To(0, "lost"), cancellationToken);
        Cluster.Fail(ApiKey.EndTxn, refusal, new FaultScope { Count = refusals });
        await Assert.ThatAsync(async () => await transaction.CommitAsync(cancellationToken), Throws.TypeOf<TransactionException>().With.Property("Outcome").EqualTo(TransactionOutcome.Aborted));
        await transaction.AbortAsync(cancellationToken);
        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Aborted));

        if (refusals == 3)
        {
            await Assert.ThatAsync(
                async () => await producer.BeginTransactionAsync(cancellationToken), Throws.InstanceOf<KafkaException>().With.Property("Code").EqualTo(refusal), "a newer identity would be refused to a producer whose transaction still runs");
        }

        await CommitAsync(producer, cancellationToken, To(0, "b"));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task After_an_indefinite_failure_the_next_transaction_has_a_newer_identity(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional(configure: o => o.DeliveryTimeout = TimeSpan.FromMilliseconds(400));
        await CommitAsync(producer, cancellationToken, To(0, "a"));
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope());
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        DeliveryException? failure = await ProducerFaultTests.FailureOfAsync(transaction.ProduceAsync(To(0, "lost"), cancellationToken));
        Assert.That(failure!.Status, Is.EqualTo(DeliveryStatus.Unknown));
        await Assert.ThatAsync(async () => await transaction.CommitAsync(cancellationToken), Throws.TypeOf<TransactionException>());
        Task aborted = transaction.AbortAsync(cancellationToken);
        hold.Release();
        await aborted;
        await CommitAsync(producer, cancellationToken, To(0, "b"));

        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a", "b" }));
        short[] epochs = [.. Cluster.Batches(Topic, 0).Where(b => !b.Flags.HasFlag(Milena.Kafka.Protocol.Records.RecordBatchFlags.Control)).Select(b => b.Producer.Epoch)];
        Assert.That(epochs[^1], Is.GreaterThan(epochs[0]));
        Assert.That(Cluster.ReceivedCount(ApiKey.InitProducerId), IsFirstGeneration ? Is.EqualTo(2) : Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public async Task A_time_out_above_the_brokers_limit_is_named(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional(configure: o => o.TransactionTimeout = TimeSpan.FromHours(2));

        await Assert.ThatAsync(
            async () => await producer.BeginTransactionAsync(cancellationToken),
            Throws.InstanceOf<KafkaException>().With.Message.Contains("transaction.max.timeout.ms").And.Property("Code").EqualTo(ErrorCode.InvalidTransactionTimeout));
    }

    [Test]
    public async Task A_broker_without_transactions_is_named(CancellationToken cancellationToken)
    {
        Cluster.HideApi(ApiKey.InitProducerId);
        await using Producer<string?, string?> producer = CreateTransactional();

        await Assert.ThatAsync(async () => await producer.BeginTransactionAsync(cancellationToken), Throws.TypeOf<UnsupportedVersionException>().With.Message.Contains("InitProducerId"));
    }

    [Test]
    public async Task A_transaction_that_the_coordinator_timed_out_is_not_committed(CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        await using TestCluster cluster = await TestCluster.StartAsync(1, new TestClusterOptions { TimeProvider = time, TransactionVersion = Cluster.TransactionVersion }, cancellationToken);
        cluster.CreateTopic(Topic, 1);
        await using var kafka = new KafkaClient(ClientOptions(cluster.BootstrapServers));
        await using Producer<string?, string?> producer = CreateTransactional(configure: o => o.TransactionTimeout = TimeSpan.FromSeconds(30), kafka: kafka);
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(To(0, "late"), cancellationToken);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.That(cluster.LastStableOffset(Topic, 0), Is.EqualTo(cluster.EndOffset(Topic, 0)), "the coordinator has aborted it");

        await Assert.ThatAsync(async () => await transaction.CommitAsync(cancellationToken), Throws.InstanceOf<KafkaException>());
        await transaction.DisposeAsync();
        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        await using Producer<string?, string?> next = CreateTransactional(kafka: kafka);
        await CommitAsync(next, cancellationToken, To(0, "a"));
        Assert.That(await CommittedAsync(0, cancellationToken, kafka), Is.EqualTo(new[] { "a" }));
    }

    /// <summary>One transaction without a fault, one with, one after it; and what readers see of them.</summary>
    private async Task<TransactionOutcome> RunAsync(Action inject, CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("input", partitions: 1);
        await using Producer<string?, string?> old = CreateTransactional();
        await CommitAsync(old, cancellationToken, To(0, "a"));
        inject();
        await using Producer<string?, string?> producer = CreateTransactional();
        TransactionOutcome outcome = await TransactAsync(producer, cancellationToken);
        Cluster.ClearFaults();
        try
        {
            await CommitAsync(producer, cancellationToken, To(0, "c"), To(1, "c"));
        }
        catch (KafkaException)
        {
            await using Producer<string?, string?> next = CreateTransactional();
            await CommitAsync(next, cancellationToken, To(0, "c"), To(1, "c"));
        }

        bool isCommitted = outcome == TransactionOutcome.Committed;
        Assert.That(outcome, Is.Not.EqualTo(TransactionOutcome.Unknown));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(isCommitted ? ["a", "b", "c"] : new[] { "a", "c" }));
        Assert.That(await CommittedAsync(1, cancellationToken), Is.EqualTo(isCommitted ? ["b", "c"] : new[] { "c" }));
        Assert.That(Cluster.CommittedOffset(Group.GroupId, "input", 0), Is.EqualTo(isCommitted ? 5 : -1));
        return outcome;
    }

    private static async Task<TransactionOutcome> TransactAsync(Producer<string?, string?> producer, CancellationToken cancellationToken, string value = "b", long position = 5)
    {
        ProducerTransaction<string?, string?> transaction;
        try
        {
            transaction = await producer.BeginTransactionAsync(cancellationToken);
        }
        catch (KafkaException)
        {
            return TransactionOutcome.Aborted;
        }

        try
        {
            await transaction.EnqueueAsync(To(0, value), cancellationToken);
            await transaction.EnqueueAsync(To(1, value), cancellationToken);
            transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition("input", 0), position));
            await transaction.CommitAsync(cancellationToken);
        }
        catch (KafkaException)
        {
            // The outcome says how it ended.
        }

        await transaction.DisposeAsync();
        return transaction.Outcome!.Value;
    }
}
