using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Transactions as an administrator sees and ends them, against the embedded cluster.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(60_000)]
public class TransactionTests
{
    private static readonly TopicPartition First = new("orders", 0);

    private TestCluster _cluster = null!;
    private KafkaClient _kafka = null!;
    private KafkaClient _writer = null!;

    private AdminClient Admin => _kafka.CreateAdmin();

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = await TestCluster.StartAsync(brokers: 3);
        _cluster.CreateTopic("orders", 2);
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _cluster.BootstrapServers, ApiTimeout = TimeSpan.FromSeconds(20) });
        _writer = new KafkaClient(_cluster.BootstrapServers);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _writer.DisposeAsync();
        await _kafka.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Test]
    public async Task An_open_transaction_is_listed_and_described(CancellationToken cancellationToken)
    {
        await using Producer<string, string> producer = Producer("tx-open");
        await using ProducerTransaction<string, string> open = await BeginAsync(producer, cancellationToken);
        await Admin.FenceProducersAsync(["tx-idle"], cancellationToken: cancellationToken);

        AdminListing<TransactionListing> all = await Admin.ListTransactionsAsync(cancellationToken: cancellationToken);
        AdminResults<string, TransactionDescription> described = await Admin.DescribeTransactionsAsync(["tx-open", "tx-idle", "nobody"], cancellationToken: cancellationToken);
        AdminResults<TopicPartition, IReadOnlyList<ProducerState>> producers = await Admin.DescribeProducersAsync([First, new("orders", 7), new("nothing", 0)], cancellationToken: cancellationToken);

        TransactionDescription transaction = described["tx-open"];
        Assert.That(all.Items.ToDictionary(t => t.TransactionalId, t => t.State), Is.EqualTo(new Dictionary<string, TransactionState> { ["tx-open"] = TransactionState.Ongoing, ["tx-idle"] = TransactionState.Empty }));
        Assert.That(all.Succeeded, Is.EquivalentTo(_cluster.BrokerIds));
        Assert.That((transaction.State, transaction.Timeout), Is.EqualTo((TransactionState.Ongoing, TimeSpan.FromSeconds(60))));
        Assert.That(transaction.Partitions, Is.EqualTo(new[] { First }));
        Assert.That(transaction.StartedAt, Is.Not.Null);
        Assert.That(described["tx-idle"].StartedAt, Is.Null);
        Assert.That(described.Failures["nobody"].Code, Is.EqualTo(ErrorCode.TransactionalIdNotFound));
        Assert.That(producers[First].Single(), Is.EqualTo(new ProducerState(transaction.ProducerId, transaction.ProducerEpoch, 0, producers[First][0].LastTimestamp, null, 0)));
        Assert.That(producers.Failures[new("orders", 7)], Is.InstanceOf<KafkaException>());
        Assert.That(producers.Failures[new("nothing", 0)], Is.TypeOf<UnknownTopicException>());
        await open.AbortAsync(cancellationToken);
    }

    [Test]
    public async Task Filters_pick_transactions(CancellationToken cancellationToken)
    {
        FencedProducer first = (await Admin.FenceProducersAsync(["app-1", "app-2", "other"], cancellationToken: cancellationToken))["app-1"];
        await using Producer<string, string> producer = Producer("app-open");
        await using ProducerTransaction<string, string> open = await BeginAsync(producer, cancellationToken);

        Assert.That(await IdsAsync(new ListTransactionsOptions { IdPattern = "app-[0-9]" }), Is.EquivalentTo(new[] { "app-1", "app-2" }));
        Assert.That(await IdsAsync(new ListTransactionsOptions { States = [TransactionState.Ongoing, TransactionState.PrepareEpochFence] }), Is.EqualTo(new[] { "app-open" }));
        Assert.That(await IdsAsync(new ListTransactionsOptions { ProducerIds = [first.ProducerId] }), Is.EqualTo(new[] { "app-1" }));
        Assert.That(await IdsAsync(new ListTransactionsOptions { RunningLongerThan = TimeSpan.FromHours(1), States = [TransactionState.Ongoing] }), Is.Empty);
        AdminListing<TransactionListing> wrong = await Admin.ListTransactionsAsync(new ListTransactionsOptions { IdPattern = "(" }, cancellationToken);
        Assert.That(wrong.Failures.Values.Select(f => f.Code), Has.All.EqualTo(ErrorCode.InvalidRegularExpression));
        _cluster.MaxVersion(ApiKey.ListTransactions, 0);
        await using var old = new KafkaClient(_cluster.BootstrapServers);
        AdminListing<TransactionListing> unsaid = await old.CreateAdmin().ListTransactionsAsync(new ListTransactionsOptions { RunningLongerThan = TimeSpan.FromHours(1) }, cancellationToken);
        Assert.That(unsaid.Failures.Values, Has.All.TypeOf<UnsupportedVersionException>());
        await open.AbortAsync(cancellationToken);

        async Task<IEnumerable<string>> IdsAsync(ListTransactionsOptions options) => (await Admin.ListTransactionsAsync(options, cancellationToken)).Items.Select(t => t.TransactionalId);
    }

    [Test]
    public async Task Who_is_fenced_can_write_no_more_and_its_transaction_is_aborted(CancellationToken cancellationToken)
    {
        await using Producer<string, string> producer = Producer("tx");
        await using ProducerTransaction<string, string> open = await BeginAsync(producer, cancellationToken);
        short before = (await Admin.DescribeTransactionsAsync(["tx"], cancellationToken: cancellationToken))["tx"].ProducerEpoch;

        AdminResults<string, FencedProducer> fenced = await Admin.FenceProducersAsync(["tx", "new"], cancellationToken: cancellationToken);

        Assert.That(fenced["tx"].ProducerEpoch, Is.GreaterThan(before));
        Assert.That(fenced["new"].ProducerEpoch, Is.Zero);
        Assert.That(async () => await open.CommitAsync(cancellationToken), Throws.InstanceOf<KafkaException>());
        Assert.That((await Admin.DescribeProducersAsync([First], cancellationToken: cancellationToken))[First].Single().TransactionStartOffset, Is.Null);
        Assert.That(await CommittedAsync(), Is.Zero);
    }

    [Test]
    public async Task A_transaction_is_terminated_by_force(CancellationToken cancellationToken)
    {
        await using Producer<string, string> producer = Producer("tx");
        await using ProducerTransaction<string, string> open = await BeginAsync(producer, cancellationToken);

        await Admin.ForceTerminateTransactionAsync("tx", cancellationToken: cancellationToken);

        Assert.That((await Admin.DescribeTransactionsAsync(["tx"], cancellationToken: cancellationToken))["tx"].State, Is.EqualTo(TransactionState.Empty));
        Assert.That(_cluster.Received<InitProducerIdRequest>().Last(), Has.Property("TransactionalId").EqualTo("tx").And.Property("KeepPreparedTxn").False);
        Assert.That(async () => await open.CommitAsync(cancellationToken), Throws.InstanceOf<KafkaException>());
    }

    [Test]
    public async Task A_hanging_transaction_is_aborted_by_the_offset_at_which_it_begins(CancellationToken cancellationToken)
    {
        await using Producer<string, string> producer = Producer("tx");
        await using ProducerTransaction<string, string> open = await BeginAsync(producer, cancellationToken);
        _cluster.FailNext(ApiKey.WriteTxnMarkers, ErrorCode.NotLeaderOrFollower);

        HangingTransaction aborted = await Admin.AbortTransactionAsync(First, startOffset: 0, cancellationToken: cancellationToken);

        ProducerState after = (await Admin.DescribeProducersAsync([First], cancellationToken: cancellationToken))[First].Single();
        Assert.That((aborted.Partition, aborted.ProducerId, aborted.CoordinatorEpoch), Is.EqualTo((First, after.ProducerId, 0)));
        Assert.That(after.TransactionStartOffset, Is.Null);
        Assert.That(_cluster.ReceivedCount(ApiKey.WriteTxnMarkers), Is.EqualTo(2));
        Assert.That(
            () => Admin.AbortTransactionAsync(First, startOffset: 0, cancellationToken: cancellationToken),
            Throws.TypeOf<KafkaException>().With.Message.Contains("begins at offset 0"));
        Assert.That(
            () => Admin.AbortTransactionAsync(aborted with { ProducerEpoch = (short)(aborted.ProducerEpoch - 1) }, cancellationToken: cancellationToken),
            Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.InvalidProducerEpoch));
        await open.AbortAsync(cancellationToken);
    }

    [Test]
    public async Task A_coordinator_that_moved_is_found_again(CancellationToken cancellationToken)
    {
        await Admin.FenceProducersAsync(["tx"], cancellationToken: cancellationToken);
        _cluster.MoveTransactionCoordinator("tx", _cluster.BrokerIds.First(id => id != _cluster.TransactionCoordinator("tx")));

        TransactionDescription moved = (await Admin.DescribeTransactionsAsync(["tx"], cancellationToken: cancellationToken))["tx"];

        Assert.That(moved.CoordinatorId, Is.EqualTo(_cluster.TransactionCoordinator("tx")));
    }

    private Producer<string, string> Producer(string transactionalId) => _writer.CreateProducer<string, string>(new ProducerOptions { TransactionalId = transactionalId });

    private static async Task<ProducerTransaction<string, string>> BeginAsync(Producer<string, string> producer, CancellationToken cancellationToken)
    {
        ProducerTransaction<string, string> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(new ProducerRecord<string, string>("orders", "k", "v") { Partition = 0 }, cancellationToken);
        return transaction;
    }

    /// <summary>How many records of the partition count.</summary>
    private async Task<int> CommittedAsync()
    {
        await using Consumer<string, string> consumer = _kafka.CreateConsumer<string, string>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        return (int)await consumer.GetOffsetAsync(First, StartPosition.End) == _cluster.EndOffset("orders", 0) ? 0 : 1;
    }
}
