using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>Random programs of begin, produce, offsets, commit, abort, crash, restart, faults and moves: committed history is that of the scopes that said so.</summary>
[TestFixture(1)]
[TestFixture(2)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TransactionModelTests(int generation) : TransactionTest(generation)
{
    private const int Scopes = 25;

    private static readonly ApiKey[] Steps = [ApiKey.FindCoordinator, ApiKey.InitProducerId, ApiKey.AddPartitionsToTxn, ApiKey.Produce, ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit, ApiKey.EndTxn];

    private static readonly ErrorCode[] Errors =
    [
        ErrorCode.NotCoordinator, ErrorCode.CoordinatorNotAvailable, ErrorCode.ConcurrentTransactions, ErrorCode.NotLeaderOrFollower, ErrorCode.ProducerFenced, ErrorCode.InvalidProducerEpoch,
        ErrorCode.InvalidProducerIdMapping, ErrorCode.TransactionAbortable, ErrorCode.OutOfOrderSequenceNumber, ErrorCode.IllegalGeneration, ErrorCode.UnknownServerError, ErrorCode.InvalidTxnState,
    ];

    private readonly List<string>[] _committed = [[], [], []];
    private long _offset = -1;

    [Test]
    public async Task Readers_of_committed_records_see_the_committed_scopes_and_nothing_else([Range(1, 12)] int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        Cluster.CreateTopic("input", partitions: 1);
        Producer<string?, string?> producer = CreateTransactional(configure: o => o.BatchSize = 256);
        for (int scope = 0; scope < Scopes; scope++)
        {
            Disturb(random);
            if (!await RunAsync(producer, scope, random, cancellationToken))
            {
                await producer.AbortAsync();
                producer = CreateTransactional(configure: o => o.BatchSize = 256);
            }
        }

        Cluster.ClearFaults();
        await producer.AbortAsync();
        await using Producer<string?, string?> last = CreateTransactional();
        await CommitAsync(last, cancellationToken, To(0, "end"));
        _committed[0].Add("end");

        for (int partition = 0; partition < 3; partition++)
        {
            Assert.That(await CommittedAsync(partition, cancellationToken), Is.EqualTo(_committed[partition]), $"partition {partition}");
        }

        Assert.That(Cluster.CommittedOffset(Group.GroupId, "input", 0), Is.EqualTo(_offset));
        Assert.That(Pool.Rented, Is.GreaterThanOrEqualTo(0));
    }

    private void Disturb(Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                Cluster.Fail(random.GetItems(Steps, 1)[0], random.GetItems(Errors, 1)[0], new FaultScope { Skip = random.Next(2), Count = 1 + random.Next(2) });
                break;
            case 1:
                Cluster.DropConnection(random.GetItems(Steps, 1)[0], new FaultScope { AfterHandling = random.Next(2) == 0 });
                break;
            case 2:
                Cluster.MoveTransactionCoordinator(Id, 1 + random.Next(3));
                break;
            case 3:
                Cluster.MoveLeader(Topic, random.Next(3), 1 + random.Next(3));
                break;
            default:
                break;
        }
    }

    /// <summary>One scope.</summary>
    /// <returns>Whether the producer goes on.</returns>
    private async Task<bool> RunAsync(Producer<string?, string?> producer, int scope, Random random, CancellationToken cancellationToken)
    {
        List<(int Partition, string Value)> records = [.. Enumerable.Range(0, random.Next(40)).Select(i => (random.Next(3), $"{scope}/{i}"))];
        int end = random.Next(8);
        ProducerTransaction<string?, string?>? transaction = null;
        try
        {
            transaction = await producer.BeginTransactionAsync(cancellationToken);
            foreach ((int partition, string value) in records)
            {
                await transaction.EnqueueAsync(To(partition, value), cancellationToken);
            }

            transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition("input", 0), scope));
            switch (end)
            {
                case 0:
                    await transaction.AbortAsync(cancellationToken);
                    return true;
                case 1:
                    // The process dies: nobody ends the transaction but the next producer.
                    return false;
                default:
                    await transaction.CommitAsync(cancellationToken);
                    records.ForEach(r => _committed[r.Partition].Add(r.Value));
                    _offset = scope;
                    return true;
            }
        }
        catch (KafkaException failure)
        {
            Assert.That((failure as TransactionException)?.Outcome, Is.Not.EqualTo(TransactionOutcome.Unknown));
            if (transaction is not null)
            {
                await transaction.DisposeAsync();
            }

            return failure is not ProducerFencedException && random.Next(3) > 0;
        }
    }
}
