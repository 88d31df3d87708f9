using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>Transactions on brokers of any kind: what is committed is read, what is not is not, positions go with it, and the newer producer wins.</summary>
[TestFixture(ClusterKind.Embedded)]
[TestFixture(ClusterKind.Outside)]
[TestFixture(ClusterKind.Home)]
[CancelAfter(120_000)]
public class TransactionTests(ClusterKind kind) : EndToEndTest(kind)
{
    private const int Partitions = 3;

    private readonly string _id = $"e2e-{Guid.NewGuid():N}";
    private readonly string _group = $"e2e-{Guid.NewGuid():N}";

    [Test]
    public async Task Readers_see_the_committed_transactions_and_the_group_goes_on_behind_them(CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, Partitions, cancellationToken);
        string input = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        var group = new ConsumerGroupMetadata(_group);
        var expected = new List<string>();
        await using Producer<string?, string> producer = Create();
        for (int i = 1; i <= 30; i++)
        {
            await using ProducerTransaction<string?, string> transaction = await producer.BeginTransactionAsync(cancellationToken);
            string[] values = [.. Enumerable.Range(0, 20).Select(j => $"{i}/{j}")];
            foreach (string value in values)
            {
                await transaction.EnqueueAsync(topic, value, value, cancellationToken);
            }

            transaction.AddOffsets(group, new PartitionOffset(new TopicPartition(input, 0), i));
            if (i % 3 == 0)
            {
                // What is aborted is to be in the log, so that readers have something to leave out.
                await producer.FlushAsync(cancellationToken);
                await transaction.AbortAsync(cancellationToken);
                continue;
            }

            await transaction.CommitAsync(cancellationToken);
            expected.AddRange(values);
        }

        Assert.That(await ReadAsync(topic, cancellationToken), Is.EquivalentTo(expected));
        Assert.That(await PositionOfGroupAsync(input, cancellationToken), Is.EqualTo(29), "the last committed transaction was the 29th");
    }

    [Test]
    public async Task The_newer_producer_wins_and_the_older_one_hears_of_it(CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, Partitions, cancellationToken);
        await using Producer<string?, string> older = Create();
        ProducerTransaction<string?, string> open = await older.BeginTransactionAsync(cancellationToken);
        await open.ProduceAsync(topic, "k", "lost", cancellationToken);

        await using Producer<string?, string> newer = Create();
        await using (ProducerTransaction<string?, string> transaction = await newer.BeginTransactionAsync(cancellationToken))
        {
            await transaction.ProduceAsync(topic, "k", "kept", cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await Assert.ThatAsync(async () => await open.CommitAsync(cancellationToken), Throws.TypeOf<ProducerFencedException>());
        Assert.That(open.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        await Assert.ThatAsync(async () => await older.BeginTransactionAsync(cancellationToken), Throws.TypeOf<ProducerFencedException>());
        Assert.That(await ReadAsync(topic, cancellationToken), Is.EqualTo(new[] { "kept" }));
    }

    [Test]
    public async Task A_transaction_of_positions_alone_and_one_of_nothing_are_committed(CancellationToken cancellationToken)
    {
        string input = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        await using Producer<string?, string> producer = Create();
        await using (ProducerTransaction<string?, string> positions = await producer.BeginTransactionAsync(cancellationToken))
        {
            positions.AddOffsets(new ConsumerGroupMetadata(_group), new PartitionOffset(new TopicPartition(input, 0), 7));
            await positions.CommitAsync(cancellationToken);
        }

        await using (ProducerTransaction<string?, string> nothing = await producer.BeginTransactionAsync(cancellationToken))
        {
            await nothing.CommitAsync(cancellationToken);
            Assert.That(nothing.Outcome, Is.EqualTo(TransactionOutcome.Committed));
        }

        Assert.That(await PositionOfGroupAsync(input, cancellationToken), Is.EqualTo(7));
    }

    private Producer<string?, string> Create() => Kafka.CreateProducer<string?, string>(new ProducerOptions { TransactionalId = _id });

    private async Task<IReadOnlyList<string>> ReadAsync(string topic, CancellationToken cancellationToken)
    {
        await using Consumer<string?, string> consumer = Kafka.CreateConsumer<string?, string>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        await consumer.AssignTopicAsync(topic, StartPosition.Beginning, cancellationToken);
        var read = new List<string>();
        await foreach (ConsumeResult<string?, string> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            read.Add(record.Value);
        }

        return read;
    }

    private async Task<long> PositionOfGroupAsync(string topic, CancellationToken cancellationToken)
    {
        await using Consumer<string?, string> consumer = Kafka.CreateConsumer<string?, string>(new ConsumerOptions { GroupId = _group, AutoCommit = AutoCommitMode.Off });
        var partition = new TopicPartition(topic, 0);
        return (await consumer.GetCommittedAsync([partition], cancellationToken))[partition].Offset;
    }
}
