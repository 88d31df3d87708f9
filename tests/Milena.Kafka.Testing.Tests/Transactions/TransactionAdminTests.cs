using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Protocol.ErrorCode;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>What an administrator sees of transactions and can do about one that hangs (KIP-664).</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TransactionAdminTests : TransactionClusterTest
{
    [Test]
    public async Task A_transaction_is_described_by_its_coordinator()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(1, "a");
        await producer.CommitAsync(Group, 0, 1);
        int coordinator = Cluster.TransactionCoordinator("tx");
        var request = new DescribeTransactionsRequest { TransactionalIds = ["tx", ""] };

        DescribeTransactionsResponse.TransactionStateStruct found = (await SendAsync(coordinator, request, 0)).TransactionStates[0];

        Assert.That((found.ErrorCode, found.TransactionState, found.ProducerId, found.ProducerEpoch), Is.EqualTo((None, "Ongoing", producer.Id, producer.Epoch)));
        Assert.That((found.TransactionTimeoutMs, found.TransactionStartTimeMs), Is.EqualTo((60_000, Time.GetUtcNow().ToUnixTimeMilliseconds())));
        Assert.That(
            found.Topics.Select(topic => $"{topic.Topic} {string.Join(',', topic.Partitions)}"),
            Is.EqualTo(new[] { "t 1", "__consumer_offsets 3" }));
        Assert.That((await SendAsync(coordinator, request, 0)).TransactionStates[1].ErrorCode, Is.EqualTo(InvalidRequest));
        Assert.That((await SendAsync(3 - coordinator, request, 0)).TransactionStates[0].ErrorCode, Is.EqualTo(NotCoordinator));
        Assert.That(Cluster.ExpireTransactionalId("tx"), Is.False);
        await producer.EndAsync(true);
        Assert.That((await SendAsync(coordinator, request, 0)).TransactionStates[0].TransactionState, Is.EqualTo("CompleteCommit"));
        Cluster.ExpireTransactionalId("tx");
        Assert.That((await SendAsync(coordinator, request, 0)).TransactionStates[0].ErrorCode, Is.EqualTo(TransactionalIdNotFound));
    }

    [Test]
    public async Task Transactions_are_listed_by_state_producer_age_and_name()
    {
        foreach (string id in (string[])["a1", "a2", "b1"])
        {
            Cluster.MoveTransactionCoordinator(id, 1);
        }

        TransactionalProducer old = await StartAsync(transactionalId: "a1");
        TransactionalProducer young = await StartAsync(transactionalId: "a2");
        await StartAsync(transactionalId: "b1");
        await old.WriteAsync(0, "a");
        Time.Advance(TimeSpan.FromSeconds(10));
        await young.WriteAsync(0, "a");

        Assert.That(await ListAsync(new()), Is.EqualTo("a1 a2 b1"));
        Assert.That(await ListAsync(new() { StateFilters = ["Ongoing"] }), Is.EqualTo("a1 a2"));
        Assert.That(await ListAsync(new() { StateFilters = ["Empty", "Asleep"] }), Is.EqualTo("b1 (Asleep)"));
        Assert.That(await ListAsync(new() { ProducerIdFilters = [young.Id] }), Is.EqualTo("a2"));
        Assert.That(await ListAsync(new() { StateFilters = ["Ongoing"], DurationFilter = 9_999 }), Is.EqualTo("a1"));
        Assert.That(await ListAsync(new() { TransactionalIdPattern = ".1" }), Is.EqualTo("a1 b1"));
        Assert.That(await ListAsync(new() { TransactionalIdPattern = "a" }), Is.Empty, "the whole id has to match");
        Assert.That(await ListAsync(new() { TransactionalIdPattern = "(" }), Is.EqualTo("InvalidRegularExpression"));
        Assert.That((await SendAsync(2, new ListTransactionsRequest(), 2)).TransactionStates, Is.Empty);

        async Task<string> ListAsync(ListTransactionsRequest request)
        {
            ListTransactionsResponse response = await SendAsync(1, request, 2);
            string unknown = response.UnknownStateFilters.Count > 0 ? $" ({string.Join(' ', response.UnknownStateFilters)})" : "";
            return response.ErrorCode != None ? $"{response.ErrorCode}" : string.Join(' ', response.TransactionStates.Select(transaction => transaction.TransactionalId)) + unknown;
        }
    }

    [Test]
    public async Task Producers_of_a_partition_are_described_by_its_leader()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        await producer.EndAsync(true);
        await producer.WriteAsync(0, "b", "c");
        int leader = Cluster.Leader(Topic, 0);
        var request = new DescribeProducersRequest { Topics = [new() { Name = Topic, PartitionIndexes = [0, 7] }] };

        List<DescribeProducersResponse.PartitionResponse> partitions = (await SendAsync(leader, request, 0)).Topics.Single().Partitions;

        DescribeProducersResponse.ProducerState found = partitions[0].ActiveProducers.Single();
        Assert.That((found.ProducerId, found.ProducerEpoch, found.LastSequence), Is.EqualTo((producer.Id, 1, 1)));
        Assert.That((found.CurrentTxnStartOffset, found.CoordinatorEpoch, found.LastTimestamp), Is.EqualTo((2, 0, 1_700_000_000_000)));
        Assert.That(partitions[1].ErrorCode, Is.EqualTo(UnknownTopicOrPartition));
        Assert.That((await SendAsync(3 - leader, request, 0)).Topics.Single().Partitions[0].ErrorCode, Is.EqualTo(NotLeaderOrFollower));
    }

    [Test]
    public async Task A_hanging_transaction_is_aborted_by_a_marker()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        int leader = Cluster.Leader(Topic, 0);

        Assert.That(await WriteMarkerAsync(producer.Epoch, version: 2, transactionVersion: 2), Is.EqualTo(InvalidProducerEpoch), "the second generation wants a higher epoch");
        Assert.That(await WriteMarkerAsync(producer.Epoch, version: 1), Is.EqualTo(None));
        Assert.That(await WriteMarkerAsync((short)(producer.Epoch - 1), version: 1), Is.EqualTo(InvalidProducerEpoch));
        Assert.That(await WriteMarkerAsync(producer.Epoch, version: 1, coordinatorEpoch: -2), Is.EqualTo(TransactionCoordinatorFenced));

        Assert.That(Cluster.LastStableOffset(Topic, 0), Is.EqualTo(2));
        Assert.That(await Clients.ReadCommittedAsync(0), Is.Empty);

        async Task<ErrorCode> WriteMarkerAsync(short epoch, short version, sbyte transactionVersion = 0, int coordinatorEpoch = -1)
        {
            var request = new WriteTxnMarkersRequest
            {
                Markers =
                [
                    new()
                    {
                        ProducerId = producer.Id,
                        ProducerEpoch = epoch,
                        CoordinatorEpoch = coordinatorEpoch,
                        TransactionVersion = transactionVersion,
                        Topics = [new() { Name = Topic, PartitionIndexes = [0] }],
                    },
                ],
            };
            return (await SendAsync(leader, request, version)).Markers.Single().Topics.Single().Partitions.Single().ErrorCode;
        }
    }

    private async Task<TResponse> SendAsync<TResponse>(int broker, IRequest<TResponse> request, short version)
        where TResponse : IResponse<TResponse> =>
        await (await Clients.ToAsync(broker)).SendAsync(request, version, Bound);
}
