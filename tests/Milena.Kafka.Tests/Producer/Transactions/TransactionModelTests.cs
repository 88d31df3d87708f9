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

    private readonly List<(int Scope, List<(int Partition, string Value)> Records, TransactionOutcome Outcome)> _ended = [];

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
        await CheckAsync(cancellationToken);
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        string[][] read = [await CommittedAsync(0, cancellationToken), await CommittedAsync(1, cancellationToken), await CommittedAsync(2, cancellationToken)];

        // A scope of unknown outcome is there as a whole or not at all: one record of it tells for the others.
        var counted = _ended.Where(s => s.Outcome == TransactionOutcome.Committed
            || (s.Outcome == TransactionOutcome.Unknown && s.Records.Count > 0 && read[s.Records[0].Partition].Contains(s.Records[0].Value))).ToList();
        for (int partition = 0; partition < 3; partition++)
        {
            IEnumerable<string> expected = counted.SelectMany(s => s.Records).Where(r => r.Partition == partition).Select(r => r.Value);
            Assert.That(read[partition].Where(v => v != "end"), Is.EqualTo(expected), $"partition {partition}");
        }

        int last = counted.Count > 0 ? counted[^1].Scope : -1;
        long[] possible = [last, .. _ended.Where(s => s.Outcome == TransactionOutcome.Unknown && s.Records.Count == 0 && s.Scope > last).Select(s => (long)s.Scope)];
        Assert.That(possible, Does.Contain(Cluster.CommittedOffset(Group.GroupId, "input", 0)));
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
                    _ended.Add((scope, records, TransactionOutcome.Committed));
                    return true;
            }
        }
        catch (KafkaException failure)
        {
            if (transaction is not null)
            {
                await transaction.DisposeAsync();
                Assert.That(transaction.Outcome, Is.Not.EqualTo(TransactionOutcome.Committed));
                _ended.Add((scope, records, transaction.Outcome!.Value));
            }

            return failure is not ProducerFencedException && random.Next(3) > 0;
        }
    }
}
