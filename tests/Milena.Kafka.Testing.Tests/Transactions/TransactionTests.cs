using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using static Milena.Kafka.Protocol.ErrorCode;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>Transactions over the wire, seen by their producer and by readers.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TransactionTests : TransactionClusterTest
{
    [Test]
    public async Task Committed_records_are_read_and_aborted_ones_are_not([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        foreach (bool isCommit in (bool[])[true, false, false, true])
        {
            Assert.That(await producer.WriteAsync(0, $"{isCommit}1", $"{isCommit}2"), Is.EqualTo(None));
            Assert.That(await producer.WriteAsync(1, $"{isCommit}3"), Is.EqualTo(None));
            Assert.That(await producer.EndAsync(isCommit), Is.EqualTo(None));
        }

        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "True1", "True2", "True1", "True2" }));
        Assert.That(await Clients.ReadCommittedAsync(1, maxBytes: 1), Is.EqualTo(new[] { "True3", "True3" }));
        Assert.That(await Clients.ReadCommittedAsync(0, from: 4), Is.EqualTo(new[] { "True1", "True2" }), "from within an aborted transaction");
        Assert.That(Cluster.EndOffset(Topic, 0), Is.EqualTo(12), "a marker takes an offset");
        Assert.That(Cluster.Batches(Topic, 0).Where(batch => batch.IsControl).All(batch => batch.IsTransactional && batch.Producer.Id == producer.Id));
        Assert.That(producer.Epoch, Is.EqualTo(isSecondGeneration ? 4 : 0), "a new epoch with each end");
    }

    [Test]
    public async Task The_last_stable_offset_waits_for_the_oldest_open_transaction()
    {
        TransactionalProducer old = await StartAsync(transactionalId: "old");
        TransactionalProducer young = await StartAsync(transactionalId: "young");
        await Client.ProduceAsync(Batch("before"), Bound);
        await old.WriteAsync(0, "old");
        await young.WriteAsync(0, "young");
        await young.EndAsync(true);

        Assert.That(Cluster.LastStableOffset(Topic, 0), Is.EqualTo(1));
        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "before" }));
        Assert.That(Values((await (await Clients.ToAsync(Cluster.Leader(Topic, 0))).FetchAsync(Fetch(0), Bound)).Records), Has.Count.EqualTo(4), "others read on");
        await old.EndAsync(false);

        Assert.That(Cluster.LastStableOffset(Topic, 0), Is.EqualTo(5));
        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "before", "young" }));
    }

    [Test]
    public async Task Latest_is_the_last_stable_offset_for_readers_of_committed_records([Values] bool onlyCommitted)
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        ListOffsetsRequest latest = ListOffsets(-1);
        ListOffsetsRequest byTime = ListOffsets(1_600_000_000_000);
        latest.IsolationLevel = byTime.IsolationLevel = (sbyte)(onlyCommitted ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted);
        RawClient leader = await Clients.ToAsync(Cluster.Leader(Topic, 0));

        Assert.That((await leader.SendAsync(latest, 9, Bound)).Topics.Single().Partitions.Single().Offset, Is.EqualTo(onlyCommitted ? 0 : 1));
        Assert.That((await leader.SendAsync(byTime, 9, Bound)).Topics.Single().Partitions.Single().Offset, Is.EqualTo(onlyCommitted ? -1 : 0));
    }

    [Test]
    public async Task A_long_poll_for_committed_records_ends_with_the_marker()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        FetchRequest request = Fetch(0, maxWaitMs: 1_000_000);
        request.IsolationLevel = (sbyte)IsolationLevel.ReadCommitted;
        using RawClient reader = await RawClient.ConnectAsync(Cluster, Cluster.Leader(Topic, 0), Bound);
        Task<FetchResponse.PartitionData> poll = reader.FetchAsync(request, Bound);
        await Time.WaitForTimerAsync(Bound);

        await producer.EndAsync(true);

        Assert.That(Values((await poll).Records)[0], Is.EqualTo("a"));
    }

    [Test]
    public async Task A_partition_that_was_not_enrolled_takes_nothing([Values(9, 11)] short version)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration: false);
        await producer.AddAsync(1);

        Assert.That(await producer.ProduceAsync(version, 0, "a"), Is.EqualTo(version == 11 ? TransactionAbortable : InvalidTxnState));
        Assert.That(await producer.ProduceAsync(version, 1, "a"), Is.EqualTo(None));
        Assert.That(Cluster.EndOffset(Topic, 0), Is.Zero);
    }

    [Test]
    public async Task A_batch_of_a_transaction_names_its_transactional_id()
    {
        TransactionalProducer producer = await StartAsync();
        byte[] batch = TransactionalProducer.Batch(new BatchProducer(producer.Id, producer.Epoch, 0), "a");
        RawClient leader = await Clients.ToAsync(Cluster.Leader(Topic, 0));

        Assert.That((await leader.ProduceAsync(batch, Bound)).ErrorCode, Is.EqualTo(TransactionalIdAuthorizationFailed));
    }

    [Test]
    public async Task A_producer_with_an_open_transaction_writes_nothing_outside_of_it()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        RawClient leader = await Clients.ToAsync(Cluster.Leader(Topic, 0));

        Assert.That((await leader.ProduceAsync(Batch(new BatchProducer(producer.Id, producer.Epoch, 1), "b"), Bound)).ErrorCode, Is.EqualTo(InvalidTxnState));
    }

    [Test]
    public async Task While_the_markers_are_held_back_the_outcome_is_decided_but_not_seen([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        await producer.WriteAsync(0, "a");
        await producer.CommitAsync(Group, 0, 5);
        short epoch = producer.Epoch;
        using TransactionHold hold = Cluster.HoldTransactions("tx");

        Assert.That(await producer.EndAsync(true), Is.EqualTo(None));
        await hold.WaitForAsync(cancellationToken: Bound);

        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("PrepareCommit"));
        Assert.That(await Clients.ReadCommittedAsync(0), Is.Empty);
        Assert.That(await Clients.FetchPositionAsync(Group, 0), Is.EqualTo((-1L, UnstableOffsetCommit)));
        Assert.That(await Clients.FetchPositionAsync(Group, 0, requireStable: false), Is.EqualTo((-1L, None)));
        Assert.That(await producer.WriteAsync(0, "b"), Is.EqualTo(ConcurrentTransactions));
        Assert.That(await producer.InitializeAsync(), Is.EqualTo(ConcurrentTransactions));
        Assert.That(await producer.CommitAsync(Group, 0, 6), Is.EqualTo(ConcurrentTransactions));
        Assert.That(await new TransactionalProducer(Clients, "tx", isSecondGeneration) { Id = producer.Id, Epoch = epoch }.EndAsync(true), Is.EqualTo(ConcurrentTransactions));
        Assert.That(await new TransactionalProducer(Clients, "tx", isSecondGeneration) { Id = producer.Id, Epoch = epoch }.EndAsync(false), Is.EqualTo(InvalidTxnState));
        hold.Release();

        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("CompleteCommit"));
        Assert.That(await Clients.ReadCommittedAsync(0), Is.EqualTo(new[] { "a" }));
        Assert.That(await Clients.FetchPositionAsync(Group, 0), Is.EqualTo((5L, None)));
        Assert.That(await producer.WriteAsync(0, "b"), Is.EqualTo(None));
        Assert.That(hold.Arrived, Is.EqualTo(1));
    }

    [Test]
    public async Task Older_versions_of_Produce_are_told_of_missing_replicas_while_a_transaction_ends()
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration: false);
        await producer.WriteAsync(0, "a");
        using TransactionHold hold = Cluster.HoldTransactions();
        await producer.EndAsync(true);

        Assert.That(await producer.ProduceAsync(11, 0, "b"), Is.EqualTo(NotEnoughReplicas));
        Assert.That(await producer.CommitOnlyAsync(4, Group, 0, 1), Is.EqualTo(CoordinatorNotAvailable));
    }

    [Test]
    public async Task An_end_is_asked_for_again_without_harm([Values] bool isSecondGeneration, [Values] bool isCommit)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        await producer.WriteAsync(0, "a");
        short version = (short)(isSecondGeneration ? 5 : 4);
        EndTxnResponse first = await producer.SendEndAsync(isCommit, version);

        EndTxnResponse again = await producer.SendEndAsync(isCommit, version);

        Assert.That((again.ErrorCode, again.ProducerId, again.ProducerEpoch), Is.EqualTo((None, first.ProducerId, first.ProducerEpoch)));
        Assert.That((await producer.SendEndAsync(!isCommit, version)).ErrorCode, Is.EqualTo(InvalidTxnState));
        Assert.That(Cluster.Batches(Topic, 0).Count(batch => batch.IsControl), Is.EqualTo(1));
    }

    [Test]
    public async Task Nothing_at_all_may_be_aborted_by_the_second_generation_alone()
    {
        TransactionalProducer first = await StartAsync(isSecondGeneration: false, "first");
        TransactionalProducer second = await StartAsync(transactionalId: "second");

        Assert.That(await first.EndAsync(false), Is.EqualTo(InvalidTxnState));
        Assert.That(await second.EndAsync(true), Is.EqualTo(InvalidTxnState));
        Assert.That(await second.EndAsync(false), Is.EqualTo(None));
        Assert.That(second.Epoch, Is.EqualTo(1));
        Assert.That(await second.EndAsync(false), Is.EqualTo(None));
        Assert.That(second.Epoch, Is.EqualTo(2));
    }

    [TestCase(0, InvalidTransactionTimeout)]
    [TestCase(900_000, None)]
    [TestCase(900_001, InvalidTransactionTimeout)]
    public async Task The_time_out_of_transactions_has_a_limit(int timeoutMs, ErrorCode expected) =>
        Assert.That(await new TransactionalProducer(Clients, "tx").InitializeAsync(timeoutMs), Is.EqualTo(expected));

    [Test]
    public async Task Two_phase_commit_is_refused()
    {
        Cluster.MaxVersion(ApiKey.InitProducerId, 6);
        RawClient coordinator = await Clients.ToAsync(Cluster.TransactionCoordinator("tx"));
        var request = new InitProducerIdRequest { TransactionalId = "tx", TransactionTimeoutMs = 1000 };

        request.Enable2Pc = true;
        Assert.That((await coordinator.SendAsync(request, 6, Bound)).ErrorCode, Is.EqualTo(TransactionalIdAuthorizationFailed));
        (request.Enable2Pc, request.KeepPreparedTxn) = (false, true);
        Assert.That((await coordinator.SendAsync(request, 6, Bound)).ErrorCode, Is.EqualTo(UnsupportedVersion));
    }

    [Test]
    public async Task Enrolling_is_all_or_nothing()
    {
        TransactionalProducer producer = await StartAsync();
        RawClient coordinator = await Clients.ToAsync(Cluster.TransactionCoordinator("tx"));

        AddPartitionsToTxnResponse response = await coordinator.SendAsync(
            new AddPartitionsToTxnRequest
            {
                V3AndBelowTransactionalId = "tx",
                V3AndBelowProducerId = producer.Id,
                V3AndBelowProducerEpoch = producer.Epoch,
                V3AndBelowTopics = [new() { Name = Topic, Partitions = [0, 2] }],
            },
            3,
            Bound);

        Assert.That(
            response.ResultsByTopicV3AndBelow.Single().ResultsByPartition.Select(partition => partition.PartitionErrorCode),
            Is.EqualTo(new[] { OperationNotAttempted, UnknownTopicOrPartition }));
        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("Empty"));
    }

    [Test]
    public async Task Brokers_verify_partitions_of_many_transactions_at_once()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        RawClient coordinator = await Clients.ToAsync(Cluster.TransactionCoordinator("tx"));

        AddPartitionsToTxnResponse response = await coordinator.SendAsync(
            new AddPartitionsToTxnRequest
            {
                Transactions =
                [
                    new() { TransactionalId = "tx", ProducerId = producer.Id, ProducerEpoch = producer.Epoch, VerifyOnly = true, Topics = [new() { Name = Topic, Partitions = [0, 1] }] },
                    new() { TransactionalId = "tx", ProducerId = producer.Id, ProducerEpoch = 7, VerifyOnly = true, Topics = [new() { Name = Topic, Partitions = [0] }] },
                ],
            },
            5,
            Bound);

        Assert.That(
            response.ResultsByTransaction.SelectMany(result => result.TopicResults).SelectMany(topic => topic.ResultsByPartition).Select(partition => partition.PartitionErrorCode),
            Is.EqualTo(new[] { None, TransactionAbortable, ProducerFenced }));
    }

    [Test]
    public async Task The_level_of_the_feature_is_told_and_may_change()
    {
        Assert.That(await LevelAsync(), Is.EqualTo((2, 0L)));
        Cluster.TransactionVersion = 1;
        Assert.That(await LevelAsync(), Is.EqualTo((1, 1L)));
        Cluster.TransactionVersion = 0;
        Assert.That(await LevelAsync(), Is.EqualTo((-1, 2L)), "level 0 is no level");
        Assert.That(() => Cluster.TransactionVersion = 3, Throws.TypeOf<ArgumentOutOfRangeException>());

        async Task<(int, long)> LevelAsync()
        {
            ApiVersionsResponse response = await Client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "a", ClientSoftwareVersion = "1" }, 4, Bound);
            Assert.That(response.SupportedFeatures.Single(feature => feature.Name == "transaction.version").MaxVersion, Is.EqualTo(2));
            return (response.FinalizedFeatures.Find(feature => feature.Name == "transaction.version")?.MaxVersionLevel ?? -1, response.FinalizedFeaturesEpoch);
        }
    }

    [TestCase(ApiKey.AddPartitionsToTxn)]
    [TestCase(ApiKey.EndTxn)]
    public async Task Faults_hit_the_requests_of_transactions(ApiKey api)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration: false);
        Cluster.FailNext(api, CoordinatorLoadInProgress);

        ErrorCode first = await producer.WriteAsync(0, "a");
        ErrorCode second = await producer.WriteAsync(0, "b");

        Assert.That((first, second), Is.EqualTo(api == ApiKey.EndTxn ? (None, None) : (CoordinatorLoadInProgress, None)));
        Assert.That(await producer.EndAsync(true), Is.EqualTo(api == ApiKey.EndTxn ? CoordinatorLoadInProgress : None));
    }
}
