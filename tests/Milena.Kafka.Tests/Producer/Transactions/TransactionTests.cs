using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer.Transactions;

[TestFixture(1)]
[TestFixture(2)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TransactionTests(int generation) : TransactionTest(generation)
{
    [Test]
    public async Task Committed_records_count_and_aborted_ones_do_not(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        await CommitAsync(producer, cancellationToken, To(0, "a"), To(1, "a"));
        await using (ProducerTransaction<string?, string?> aborted = await producer.BeginTransactionAsync(cancellationToken))
        {
            await aborted.ProduceAsync(To(0, "b"), cancellationToken);
            await aborted.AbortAsync(cancellationToken);
            Assert.That(aborted.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        }

        await using (ProducerTransaction<string?, string?> left = await producer.BeginTransactionAsync(cancellationToken))
        {
            await left.ProduceAsync(To(0, "c"), cancellationToken);
        }

        await CommitAsync(producer, cancellationToken, To(0, "d"));

        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a", "d" }));
        Assert.That(await CommittedAsync(1, cancellationToken), Is.EqualTo(new[] { "a" }));
        Assert.That(Values(0), Is.EqualTo(new[] { "a", "b", "c", "d" }), "all were written");
    }

    [Test]
    public async Task The_generation_of_the_cluster_is_spoken(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("input", partitions: 1);
        await using Producer<string?, string?> producer = CreateTransactional();
        for (int i = 0; i < 3; i++)
        {
            await using ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
            await transaction.EnqueueAsync(To(0, $"{i}"), cancellationToken);
            await transaction.EnqueueAsync(To(1, $"{i}"), cancellationToken);
            transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition("input", 0), i + 1));
            await transaction.CommitAsync(cancellationToken);
        }

        Assert.That(Cluster.Received(ApiKey.Produce).Select(r => r.Version), IsFirstGeneration ? Is.All.LessThan(12) : Is.All.GreaterThanOrEqualTo(12));
        Assert.That(Cluster.Received(ApiKey.EndTxn).Select(r => r.Version), Is.EqualTo(Enumerable.Repeat(IsFirstGeneration ? (short)4 : (short)5, 3)));
        Assert.That(Cluster.ReceivedCount(ApiKey.AddOffsetsToTxn), Is.EqualTo(IsFirstGeneration ? 3 : 0));
        Assert.That(Cluster.ReceivedCount(ApiKey.AddPartitionsToTxn), IsFirstGeneration ? Is.GreaterThanOrEqualTo(3) : Is.Zero);
        short[] epochs = [.. Cluster.Received<EndTxnRequest>().Select(r => r.ProducerEpoch)];
        Assert.That(epochs, Is.EqualTo(IsFirstGeneration ? [0, 0, 0] : new short[] { 0, 1, 2 }));
        Assert.That(Cluster.ReceivedCount(ApiKey.InitProducerId), Is.EqualTo(1));
        Assert.That(Cluster.Received<ProduceRequest>().Select(r => r.TransactionalId), Is.All.EqualTo(Id));
        Assert.That(Cluster.CommittedOffset(Group.GroupId, "input", 0), Is.EqualTo(3));
    }

    [Test]
    public async Task Another_generation_is_spoken_from_the_next_transaction_on(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        await CommitAsync(producer, cancellationToken, To(0, "a"));
        Cluster.TransactionVersion = IsFirstGeneration ? 2 : 1;
        foreach (int broker in Cluster.BrokerIds)
        {
            // Clients learn of it when they connect.
            await Cluster.StopBrokerAsync(broker);
            await Cluster.StartBrokerAsync(broker);
        }

        await CommitAsync(producer, cancellationToken, To(0, "b"));
        await CommitAsync(producer, cancellationToken, To(0, "c"));
        await CommitAsync(producer, cancellationToken, To(0, "d"));

        Assert.That(Cluster.Received(ApiKey.EndTxn)[0].Version, Is.EqualTo(IsFirstGeneration ? 4 : 5));
        Assert.That(Cluster.Received(ApiKey.EndTxn)[^1].Version, Is.EqualTo(IsFirstGeneration ? 5 : 4));
        Assert.That(Cluster.ReceivedCount(ApiKey.InitProducerId), Is.EqualTo(1));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a", "b", "c", "d" }));
    }

    [Test]
    public async Task A_record_of_a_transaction_costs_no_object(CancellationToken cancellationToken)
    {
        const int count = 2_000;
        const int batchSize = 256 * 1024;
        const int smallestObject = 24;
        await using Producer<Ignore, ReadOnlyMemory<byte>> producer = Kafka.CreateProducer<Ignore, ReadOnlyMemory<byte>>(new ProducerOptions { TransactionalId = Id, BatchSize = batchSize });
        await using ProducerTransaction<Ignore, ReadOnlyMemory<byte>> transaction = await producer.BeginTransactionAsync(cancellationToken);
        byte[] value = new byte[16];
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);
        await EnqueueAsync();
        await hold.WaitForAsync(1, cancellationToken);

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool wasSynchronous = EnqueueAsync().IsCompletedSuccessfully;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        hold.Release();

        Assert.That(wasSynchronous);
        Assert.That(allocated, Is.LessThan(batchSize + (count * smallestObject)), "what there is, is the buffer of a batch");

        async Task EnqueueAsync()
        {
            for (int i = 0; i < count; i++)
            {
                await transaction.EnqueueAsync(new ProducerRecord<Ignore, ReadOnlyMemory<byte>>(Topic, default!, value) { Partition = 0 }, cancellationToken);
            }
        }
    }

    [Test]
    public async Task Offsets_move_only_with_their_transaction(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("input", partitions: 2);
        await using Producer<string?, string?> producer = CreateTransactional();
        await using (ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken))
        {
            transaction.AddOffsets(Group, [new PartitionOffset(new TopicPartition("input", 0), 5), new PartitionOffset(new TopicPartition("input", 1), 7)]);
            transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition("input", 0), 6));
            await transaction.CommitAsync(cancellationToken);
        }

        await using (ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken))
        {
            await transaction.ProduceAsync(To(0, "x"), cancellationToken);
            transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition("input", 0), 100));
            await transaction.AbortAsync(cancellationToken);
        }

        Assert.That((Cluster.CommittedOffset("billing", "input", 0), Cluster.CommittedOffset("billing", "input", 1)), Is.EqualTo((6L, 7L)));
    }

    [Test]
    public async Task What_a_consumer_read_is_made_part_of_the_transaction(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        await CommitAsync(producer, cancellationToken, To(0, "a"), To(0, "b"), To(0, "c"));
        await using Consumer<Ignore, string?> consumer = Kafka.CreateConsumer<Ignore, string?>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        consumer.Assign(new PartitionStart(Topic, 0, StartPosition.Beginning));
        await using ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await foreach (ConsumeResult<Ignore, string?> record in consumer.ConsumeAsync(cancellationToken))
        {
            transaction.AddOffsets(Group, record);
            if (record.Value == "b")
            {
                break;
            }
        }

        await transaction.CommitAsync(cancellationToken);
        Assert.That(Cluster.CommittedOffset("billing", Topic, 0), Is.EqualTo(2));
    }

    [Test]
    public async Task A_transaction_of_nothing_asks_nothing_of_the_coordinator(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        await using (ProducerTransaction<string?, string?> empty = await producer.BeginTransactionAsync(cancellationToken))
        {
            await empty.CommitAsync(cancellationToken);
            await empty.CommitAsync(cancellationToken);
            Assert.That(empty.Outcome, Is.EqualTo(TransactionOutcome.Committed));
        }

        await using (ProducerTransaction<string?, string?> empty = await producer.BeginTransactionAsync(cancellationToken))
        {
            await empty.AbortAsync(cancellationToken);
            await empty.AbortAsync(cancellationToken);
        }

        Assert.That(Cluster.ReceivedCount(ApiKey.EndTxn), Is.Zero);
    }

    [Test]
    public async Task Illegal_calls_throw_at_once_and_say_what_to_do(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        await Assert.ThatAsync(async () => await producer.ProduceAsync(To(0, "x"), cancellationToken), Throws.TypeOf<TransactionStateException>().With.Message.Contains("BeginTransactionAsync"));
        await Assert.ThatAsync(async () => await producer.EnqueueAsync(To(0, "x"), cancellationToken), Throws.TypeOf<TransactionStateException>());
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await Assert.ThatAsync(async () => await producer.BeginTransactionAsync(cancellationToken), Throws.TypeOf<TransactionStateException>().With.Message.Contains("one transaction at a time"));
        await Assert.ThatAsync(async () => await producer.ProduceAsync(To(0, "x"), cancellationToken), Throws.TypeOf<TransactionStateException>());
        Assert.That(() => transaction.AddOffsets(null!, new PartitionOffset(new TopicPartition(Topic, 0), 1)), Throws.ArgumentNullException);
        Assert.That(() => new ConsumerGroupMetadata(""), Throws.ArgumentException);
        await transaction.ProduceAsync(To(0, "a"), cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        Assert.That(() => transaction.ProduceAsync(To(0, "b"), cancellationToken), Throws.TypeOf<TransactionStateException>().With.Message.Contains("over"));
        Assert.That(() => transaction.EnqueueAsync(To(0, "b"), cancellationToken), Throws.TypeOf<TransactionStateException>());
        Assert.That(() => transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition(Topic, 0), 1)), Throws.TypeOf<TransactionStateException>());
        await Assert.ThatAsync(async () => await transaction.AbortAsync(cancellationToken), Throws.TypeOf<TransactionStateException>());
        await using Producer<string?, string?> plain = CreateProducer();
        await Assert.ThatAsync(async () => await plain.BeginTransactionAsync(cancellationToken), Throws.TypeOf<TransactionStateException>().With.Message.Contains("TransactionalId"));
        Assert.That(() => CreateTransactional("", o => o.Idempotence = false), Throws.ArgumentException.With.Message.Contains("TransactionalId is empty").And.Message.Contains("Idempotence"));
    }

    [Test]
    public async Task A_record_that_failed_keeps_the_whole_scope_from_being_committed([Values] bool isAwaited, CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        await CommitAsync(producer, cancellationToken, To(0, "a"));
        Cluster.Fail(ApiKey.Produce, ErrorCode.InvalidRecord, new FaultScope { Topic = Topic, Partition = 1 });
        await using (ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken))
        {
            await transaction.ProduceAsync(To(0, "b"), cancellationToken);
            if (isAwaited)
            {
                Assert.That(await ProducerFaultTests.FailureOfAsync(transaction.ProduceAsync(To(1, "b"), cancellationToken)), Is.Not.Null);
                Assert.That(() => transaction.ProduceAsync(To(0, "b2"), cancellationToken), Throws.TypeOf<TransactionException>());
            }
            else
            {
                await transaction.EnqueueAsync(To(1, "b"), cancellationToken);
            }

            TransactionException? refusal = await Assert.ThrowsAsync<TransactionException>(async () => await transaction.CommitAsync(cancellationToken));
            Assert.That(refusal!.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
            Assert.That(refusal.Message, Does.Contain("INVALID_RECORD"));
        }

        await CommitAsync(producer, cancellationToken, To(0, "c"), To(1, "c"));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a", "c" }));
        Assert.That(await CommittedAsync(1, cancellationToken), Is.EqualTo(new[] { "c" }));
    }

    [Test]
    public async Task A_record_that_was_refused_at_the_call_keeps_the_scope_from_being_committed(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional(configure: o => (o.MaxRequestSize, o.BatchSize) = (2_000, 1_000));
        await using (ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken))
        {
            await transaction.ProduceAsync(To(0, "a"), cancellationToken);
            await Assert.ThatAsync(async () => await transaction.EnqueueAsync(To(0, new string('x', 3_000)), cancellationToken), Throws.TypeOf<RecordTooLargeException>());
            await Assert.ThatAsync(async () => await transaction.CommitAsync(cancellationToken), Throws.TypeOf<TransactionException>().With.InnerException.TypeOf<RecordTooLargeException>());
        }

        Assert.That(await CommittedAsync(0, cancellationToken), Is.Empty);
    }

    [Test]
    public async Task A_commit_waits_for_calls_that_wait_for_metadata(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        await using ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.Metadata);
        Task enqueued = transaction.EnqueueAsync(To(2, "x"), cancellationToken).AsTask();
        await hold.WaitForAsync(1, cancellationToken);
        Task committed = transaction.CommitAsync(cancellationToken);
        Assert.That(committed.IsCompleted, Is.False);
        hold.Release();
        await committed;
        await enqueued;

        Assert.That(await CommittedAsync(2, cancellationToken), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public async Task A_commit_goes_on_only_when_no_record_is_being_let_in(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("input", partitions: 1);
        var pool = new HookedPool();
        await using Producer<string?, string?> producer = Kafka.CreateProducer<string?, string?>(new ProducerOptions { TransactionalId = Id }, null, null, pool);
        await CommitAsync(producer, cancellationToken, To(0, "a"));
        await using ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition("input", 0), 5));
        Task commit = Task.CompletedTask;
        long asked = 0;
        pool.Once = () =>
        {
            commit = Task.Run(() => transaction.CommitAsync(cancellationToken), cancellationToken);
            while (!transaction.ProduceManyAsync([], CancellationToken.None).IsFaulted)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Thread.Yield();
            }

            // The scope is closed. A commit that did not look for this record would go on with the offsets.
            for (int i = 0; i < 10_000 && asked == 0; i++)
            {
                Thread.Yield();
                asked = Cluster.ReceivedCount(ApiKey.AddOffsetsToTxn) + Cluster.ReceivedCount(ApiKey.TxnOffsetCommit);
            }
        };
        await Task.Run(async () => await transaction.EnqueueAsync(To(0, "b"), cancellationToken), cancellationToken);
        await commit;

        Assert.That(asked, Is.Zero);
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task A_second_producer_of_the_id_fences_the_first_in_all_it_does(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> first = CreateTransactional();
        await CommitAsync(first, cancellationToken, To(0, "a"));
        await using ProducerTransaction<string?, string?> open = await first.BeginTransactionAsync(cancellationToken);
        await open.ProduceAsync(To(0, "lost"), cancellationToken);

        await using Producer<string?, string?> second = CreateTransactional();
        await CommitAsync(second, cancellationToken, To(0, "b"));

        await Assert.ThatAsync(async () => await open.CommitAsync(cancellationToken), Throws.TypeOf<ProducerFencedException>());
        Assert.That(open.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        await Assert.ThatAsync(async () => await open.EnqueueAsync(To(0, "x"), cancellationToken), Throws.TypeOf<ProducerFencedException>());
        await Assert.ThatAsync(async () => await first.BeginTransactionAsync(cancellationToken), Throws.TypeOf<ProducerFencedException>());
        await Assert.ThatAsync(async () => await first.ProduceAsync(To(0, "x"), cancellationToken), Throws.TypeOf<ProducerFencedException>());
        await CommitAsync(second, cancellationToken, To(0, "c"));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public async Task A_producer_that_died_is_followed_by_another_that_ends_its_transaction(CancellationToken cancellationToken)
    {
        Producer<string?, string?> dead = CreateTransactional();
        ProducerTransaction<string?, string?> open = await dead.BeginTransactionAsync(cancellationToken);
        await open.ProduceAsync(To(0, "lost"), cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.EndTxn);
        await dead.AbortAsync();
        hold.Release();

        await using Producer<string?, string?> next = CreateTransactional();
        await CommitAsync(next, cancellationToken, To(0, "a"));

        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Closing_the_producer_aborts_what_is_open(CancellationToken cancellationToken)
    {
        Producer<string?, string?> producer = CreateTransactional();
        ProducerTransaction<string?, string?> open = await producer.BeginTransactionAsync(cancellationToken);
        await open.ProduceAsync(To(0, "lost"), cancellationToken);
        await producer.DisposeAsync();
        await open.DisposeAsync();

        Assert.That(open.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        Assert.That(Cluster.Received<EndTxnRequest>().Select(r => r.Committed), Is.EqualTo(new[] { false }));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.Empty);
        Assert.That(Pool.Rented, Is.Zero);
    }

    [Test]
    public async Task An_abort_drops_what_waits_and_the_next_transaction_begins_clean(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional(configure: o => o.BatchSize = 256);
        await CommitAsync(producer, cancellationToken, To(0, "a"));
        using RequestHold hold = Cluster.Hold(ApiKey.Produce);
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        for (int i = 0; i < 200; i++)
        {
            await transaction.EnqueueAsync(To(0, $"lost {i}"), cancellationToken);
        }

        await hold.WaitForAsync(1, cancellationToken);
        Task aborted = transaction.AbortAsync(cancellationToken);
        hold.Release();
        await aborted;
        await CommitAsync(producer, cancellationToken, To(0, "b"));

        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(Values(0), Has.Length.LessThan(200));
    }

    [Test]
    public async Task A_cancelled_wait_for_the_commit_leaves_the_commit_going(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional();
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(To(0, "a"), cancellationToken);
        using RequestHold hold = Cluster.Hold(ApiKey.EndTxn);
        using var impatient = new CancellationTokenSource();
        Task commit = transaction.CommitAsync(impatient.Token);
        await hold.WaitForAsync(1, cancellationToken);
        await impatient.CancelAsync();
        await Assert.ThatAsync(async () => await commit, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(transaction.Outcome, Is.Null);
        hold.Release();
        await transaction.DisposeAsync();

        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Committed));
        Assert.That(await CommittedAsync(0, cancellationToken), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Many_records_to_many_partitions_by_many_threads_count_all_together(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateTransactional(configure: o => o.BatchSize = 512);
        for (int round = 0; round < 5; round++)
        {
            await using ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
            await Parallel.ForAsync(0, 600, cancellationToken, async (i, token) => await transaction.EnqueueAsync(To(i % 3, $"{round}-{i}"), token));
            if (round % 2 == 0)
            {
                await transaction.CommitAsync(cancellationToken);
            }
        }

        string[] all = [.. await CommittedAsync(0, cancellationToken), .. await CommittedAsync(1, cancellationToken), .. await CommittedAsync(2, cancellationToken)];
        Assert.That(all, Is.EquivalentTo(from round in new[] { 0, 2, 4 } from i in Enumerable.Range(0, 600) select $"{round}-{i}"));
    }
}
