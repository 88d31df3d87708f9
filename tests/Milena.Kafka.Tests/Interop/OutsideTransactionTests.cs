using System.Globalization;
using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Interop;

/// <summary>Transactional producers that nobody here wrote, on the embedded cluster; kcat, kafkajs and our own consumer read what they committed.</summary>
[CancelAfter(180_000)]
public class OutsideTransactionTests
{
    private const string Topic = "ledger";
    private const string Group = "clerks";
    private const int Partitions = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Two of three are committed; the last one is.
    private static readonly OutsideTransaction[] Transactions =
    [
        .. Enumerable.Range(1, 30).Select(i => new OutsideTransaction(
            Commit: i % 3 != 1,
            Offset: i,
            Values: [.. Enumerable.Range(0, 5).Select(j => (j % Partitions, $"{i}/{j}"))])),
    ];

    [Test]
    public async Task What_librdkafka_commits_is_read_by_all_and_what_it_aborts_by_none([Values(0, 2)] int level, CancellationToken cancellationToken)
    {
        SkipUnless(LibrdkafkaTransactions.IsAvailable(out string reason), reason);
        await using TestCluster cluster = await StartAsync(level, cancellationToken);
        using var producer = new LibrdkafkaTransactions(cluster.BootstrapServers, "outside");
        Assert.That(await producer.InitializeAsync(), Is.Null);

        foreach (OutsideTransaction transaction in Transactions)
        {
            Assert.That(await producer.RunAsync(Topic, Group, transaction), Is.Null);
        }

        await CheckReadersAsync(cluster, cancellationToken);
    }

    [Test]
    public async Task What_our_producer_commits_is_read_by_all_and_what_it_aborts_by_none([Values(0, 2)] int level, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(level, cancellationToken);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using Producer<string?, string> producer = kafka.CreateProducer<string?, string>(new ProducerOptions { TransactionalId = "ours" });
        var group = new ConsumerGroupMetadata(Group);
        foreach (OutsideTransaction wanted in Transactions)
        {
            await using ProducerTransaction<string?, string> transaction = await producer.BeginTransactionAsync(cancellationToken);
            foreach ((int partition, string value) in wanted.Values)
            {
                await transaction.EnqueueAsync(new ProducerRecord<string?, string>(Topic, null, value) { Partition = partition }, cancellationToken);
            }

            transaction.AddOffsets(group, new PartitionOffset(new TopicPartition(Topic, 0), wanted.Offset));
            if (wanted.Commit)
            {
                await transaction.CommitAsync(cancellationToken);
            }
            else
            {
                // What is aborted is to be in the log, so that readers have something to leave out.
                await producer.FlushAsync(cancellationToken);
            }
        }

        await CheckReadersAsync(cluster, cancellationToken);
    }

    [Test]
    public async Task What_kafkajs_commits_is_read_by_all_and_what_it_aborts_by_none(CancellationToken cancellationToken)
    {
        SkipUnless(NodeClient.IsAvailable(out string reason), reason);
        await using TestCluster cluster = await StartAsync(level: 2, cancellationToken);

        await NodeClient.TransactAsync(cluster.BootstrapServers, Topic, "outside", Group, Transactions, Limit, cancellationToken);

        await CheckReadersAsync(cluster, cancellationToken);
    }

    [Test]
    public async Task Librdkafka_goes_on_when_coordinators_and_brokers_change(CancellationToken cancellationToken)
    {
        SkipUnless(LibrdkafkaTransactions.IsAvailable(out string reason), reason);
        await using TestCluster cluster = await StartAsync(level: 2, cancellationToken);
        using var producer = new LibrdkafkaTransactions(cluster.BootstrapServers, "outside");
        Assert.That(await producer.InitializeAsync(), Is.Null);

        for (int i = 0; i < Transactions.Length; i++)
        {
            switch (i % 6)
            {
                case 1:
                    cluster.MoveTransactionCoordinator("outside", 1 + (i % 3));
                    break;
                case 2:
                    await cluster.StopBrokerAsync(1 + (i % 3));
                    break;
                case 4:
                    await cluster.StartBrokerAsync(1 + ((i - 2) % 3));
                    break;
                case 5:
                    cluster.FailNext(ApiKey.EndTxn, ErrorCode.CoordinatorLoadInProgress);
                    cluster.FailNext(ApiKey.AddPartitionsToTxn, ErrorCode.ConcurrentTransactions, 2);
                    break;
                default:
                    break;
            }

            Assert.That(await producer.RunAsync(Topic, Group, Transactions[i]), Is.Null, $"transaction {i}");
        }

        await CheckReadersAsync(cluster, cancellationToken);
    }

    [Test]
    public async Task Librdkafka_waits_while_its_last_transaction_is_completed(CancellationToken cancellationToken)
    {
        SkipUnless(LibrdkafkaTransactions.IsAvailable(out string reason), reason);
        await using TestCluster cluster = await StartAsync(level: 2, cancellationToken);
        using var producer = new LibrdkafkaTransactions(cluster.BootstrapServers, "outside");
        Assert.That(await producer.InitializeAsync(), Is.Null);
        using TransactionHold hold = cluster.HoldTransactions();
        Assert.That(await producer.RunAsync(Topic, Group, Transactions[1]), Is.Null);
        int enrolled = cluster.Received(ApiKey.AddPartitionsToTxn).Count;

        Task<string?> next = producer.RunAsync(Topic, Group, Transactions[2]);
        await cluster.WaitForAsync(ApiKey.AddPartitionsToTxn, enrolled + 2, cancellationToken);
        Assert.That(next.IsCompleted, Is.False);
        hold.Release();

        Assert.That(await next, Is.Null);
        Assert.That(cluster.Transaction("outside")!.State, Is.EqualTo("CompleteCommit"));
    }

    [Test]
    public async Task A_second_librdkafka_fences_the_first(CancellationToken cancellationToken)
    {
        SkipUnless(LibrdkafkaTransactions.IsAvailable(out string reason), reason);
        await using TestCluster cluster = await StartAsync(level: 2, cancellationToken);
        using var first = new LibrdkafkaTransactions(cluster.BootstrapServers, "outside");
        Assert.That(await first.InitializeAsync(), Is.Null);
        Assert.That(first.Begin(), Is.Null);
        first.Produce(Topic, 0, "lost");
        await first.FlushAsync();

        using var second = new LibrdkafkaTransactions(cluster.BootstrapServers, "outside");
        Assert.That(await second.InitializeAsync(), Is.Null);

        Assert.That(await first.CommitAsync(), Does.Contain("fatal"));
        Assert.That(await second.RunAsync(Topic, Group, Transactions[1]), Is.Null);
        Assert.That(await ReadAsync(cluster, cancellationToken), Is.EquivalentTo(Transactions[1].Values.Select(Describe)));
    }

    private static async Task<TestCluster> StartAsync(int level, CancellationToken cancellationToken)
    {
        TestCluster cluster = await TestCluster.StartAsync(3, new TestClusterOptions { TransactionVersion = level }, cancellationToken);
        cluster.CreateTopic(Topic, Partitions);
        return cluster;
    }

    private static async Task CheckReadersAsync(TestCluster cluster, CancellationToken cancellationToken)
    {
        string[] expected = [.. Transactions.Where(transaction => transaction.Commit).SelectMany(transaction => transaction.Values).Select(Describe)];
        Assert.That(expected, Has.Length.EqualTo(100));
        Assert.That(cluster.CommittedOffset(Group, Topic, 0), Is.EqualTo(Transactions.Last(transaction => transaction.Commit).Offset));
        CheckOrder("Milena", await ReadAsync(cluster, cancellationToken), expected);
        if (Kcat.IsAvailable(out _))
        {
            ProcessResult result = await Kcat.RunAsync(
                "", Limit, cancellationToken, "-b", cluster.BootstrapServers, "-C", "-t", Topic, "-e", "-q", "-f", "%p %s\\n", "-X", "isolation.level=read_committed");
            CheckOrder("kcat", result.EnsureSuccess().Lines, expected);
        }

        if (NodeClient.IsAvailable(out _))
        {
            IReadOnlyList<NodeRecord> records = await NodeClient.ConsumeAsync(cluster.BootstrapServers, Topic, "readers", expected.Length, Limit, cancellationToken);
            CheckOrder("kafkajs", [.. records.Select(record => $"{record.Partition} {Encoding.UTF8.GetString(record.Value!)}")], expected);
        }
    }

    private static void CheckOrder(string reader, IReadOnlyList<string> read, IReadOnlyList<string> expected)
    {
        for (int partition = 0; partition < Partitions; partition++)
        {
            string prefix = partition.ToString(CultureInfo.InvariantCulture) + " ";
            Assert.That(read.Where(line => line.StartsWith(prefix, StringComparison.Ordinal)), Is.EqualTo(expected.Where(line => line.StartsWith(prefix, StringComparison.Ordinal))), reader);
        }
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(TestCluster cluster, CancellationToken cancellationToken)
    {
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);
        var read = new List<string>();
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            read.Add(Describe((record.Partition, record.Value)));
        }

        return read;
    }

    private static string Describe((int Partition, string Value) record) => $"{record.Partition} {record.Value}";

    private static void SkipUnless(bool available, string reason)
    {
        if (!available)
        {
            Assert.Ignore(reason);
        }
    }
}
