using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>Whatever goes wrong: committed history is that of the scopes that said so, and offsets move only with them.</summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.All)]
[TestFixture(1)]
[TestFixture(2)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TransactionModelTests(int generation)
{
    private const int Steps = 40;

    /// <summary>How many programs; more by hand.</summary>
    private static IEnumerable<int> Seeds => Enumerable.Range(1, int.TryParse(Environment.GetEnvironmentVariable("MILENA_MODEL_SEEDS"), out int seeds) ? seeds : 12);

    [Test]
    public async Task Readers_of_committed_records_see_the_committed_scopes_and_nothing_else([ValueSource(nameof(Seeds))] int seed, CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        var options = new TestClusterOptions
        {
            TimeProvider = time,
            TransactionVersion = generation,
            AutoCreateTopics = false,

            // Before Kafka 3.6 leaders took whatever came: only the producer kept a late batch out of the next transaction.
            TransactionPartitionVerification = generation == 2 || seed % 2 == 0,
        };
        await using TestCluster cluster = await TestCluster.StartAsync(3, options, cancellationToken);
        cluster.CreateTopic(TransactionProgram.Topic, TransactionProgram.Partitions);
        cluster.CreateTopic(TransactionProgram.Input, 1);
        await using var impatient = new KafkaClient(Options(cluster, TimeSpan.FromMilliseconds(200)));
        await using var program = new TransactionProgram(cluster, time, impatient, new Random(seed), cancellationToken);

        for (int step = 0; step < Steps; step++)
        {
            await program.StepAsync(step);
        }

        await program.CalmAsync();
        await using var patient = new KafkaClient(Options(cluster, TimeSpan.FromSeconds(60)));
        await EndAsync(patient, cancellationToken);
        await CheckAsync(program, cluster, patient, cancellationToken);
    }

    private static KafkaClientOptions Options(TestCluster cluster, TimeSpan timeout) => new()
    {
        BootstrapServers = cluster.BootstrapServers,
        ApiTimeout = timeout,
        RetryBackoff = TimeSpan.FromMilliseconds(5),
        RetryBackoffMax = TimeSpan.FromMilliseconds(20),
        ReconnectBackoff = TimeSpan.FromMilliseconds(5),
        ReconnectBackoffMax = TimeSpan.FromMilliseconds(20),
        Seed = 1,
    };

    /// <summary>A last producer ends what was left open.</summary>
    private static async Task EndAsync(KafkaClient kafka, CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> last = kafka.CreateProducer<string?, string?>(new ProducerOptions { TransactionalId = TransactionProgram.Id });
        await using ProducerTransaction<string?, string?> transaction = await last.BeginTransactionAsync(cancellationToken);
        for (int partition = 0; partition < TransactionProgram.Partitions; partition++)
        {
            await transaction.EnqueueAsync(new ProducerRecord<string?, string?>(TransactionProgram.Topic, null, "end") { Partition = partition }, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task CheckAsync(TransactionProgram program, TestCluster cluster, KafkaClient kafka, CancellationToken cancellationToken)
    {
        string[][] read = new string[TransactionProgram.Partitions][];
        for (int partition = 0; partition < read.Length; partition++)
        {
            read[partition] = await ReadAsync(kafka, partition, cancellationToken);
        }

        // A scope of unknown outcome is there as a whole or not at all: one record of it tells for the others.
        List<ModelScope> committed = [.. program.Scopes.Where(s => s.Transaction.Outcome == TransactionOutcome.Committed
            || (s.IsUnknown && s.Records.Count > 0 && read[s.Records[0].Partition].Contains(s.Records[0].Value)))];
        for (int partition = 0; partition < read.Length; partition++)
        {
            string[] expected = [.. committed.SelectMany(s => s.Records).Where(r => r.Partition == partition).Select(r => r.Value), "end"];
            Assert.That(Ordered(read[partition]), Is.EqualTo(Ordered(expected)), () => $"partition {partition}\n{program.Log}");
        }

        TestContext.Out.WriteLine($"{program.Scopes.Count} scopes: {string.Join(", ", program.Scopes.GroupBy(s => $"{s.Transaction.Outcome}").Select(o => $"{o.Count()} {o.Key}"))}");
        Assert.That(committed, Is.Not.Empty, () => program.Log);
        int last = committed[^1].Number;
        int[] possible = [last, .. program.Scopes.Where(s => s.IsUnknown && s.Records.Count == 0 && s.Number > last).Select(s => s.Number)];
        Assert.That(possible, Does.Contain(cluster.CommittedOffset(TransactionProgram.Group.GroupId, TransactionProgram.Input, 0)), () => program.Log);
    }

    /// <summary>The same values, with those in order whose order is open. They stand at the end of their scope.</summary>
    private static IEnumerable<string> Ordered(string[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            int end = i;
            while (end < values.Length && values[end].Contains(TransactionProgram.AmidCommit, StringComparison.Ordinal) && values[end].Split('/')[0] == values[i].Split('/')[0])
            {
                end++;
            }

            foreach (string value in values.Skip(i).Take(Math.Max(1, end - i)).Order(StringComparer.Ordinal))
            {
                yield return value;
            }

            i = Math.Max(i, end - 1);
        }
    }

    private static async Task<string[]> ReadAsync(KafkaClient kafka, int partition, CancellationToken cancellationToken)
    {
        await using Consumer<Ignore, string?> consumer = kafka.CreateConsumer<Ignore, string?>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        consumer.Assign(new PartitionStart(TransactionProgram.Topic, partition, StartPosition.Beginning));
        var values = new List<string>();
        await foreach (ConsumeResult<Ignore, string?> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            values.Add(record.Value!);
        }

        return [.. values];
    }
}
