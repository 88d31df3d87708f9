using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Everything that may happen to a cluster, at random and at once, while records are stored and read.</summary>
[CancelAfter(60_000)]
public class TurbulenceTests : ConsumerTest
{
    private const int Partitions = 4;
    private const int PerPartition = 400;

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Every_record_comes_once_and_in_order(int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        await StartAsync(brokers: 3, partitions: Partitions);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions
        {
            MaxPartitionFetchBytes = 2000,
            QueuedMaxBytes = 20_000,
            FetchMaxWait = TimeSpan.FromMilliseconds(20),
        });
        await consumer.AssignTopicAsync(Topic, StartPosition.At(0), cancellationToken);
        Task storing = StoreAllAsync(random);
        var next = new int[Partitions];
        while (next.Sum() < Partitions * PerPartition)
        {
            foreach (ConsumeResult<string, string> record in await TakeRecordsAsync(consumer, Math.Min(37, (Partitions * PerPartition) - next.Sum()), cancellationToken))
            {
                Assert.That(record.Value, Is.EqualTo($"v{next[record.Partition]++}"), $"partition {record.Partition}, offset {record.Offset}");
            }
        }

        await storing;
        Assert.That(Enumerable.Range(0, Partitions).Select(p => consumer.Position(new TopicPartition(Topic, p))), Is.All.EqualTo(PerPartition));
    }

    private async Task StoreAllAsync(Random random)
    {
        for (int from = 0; from < PerPartition; from += 10)
        {
            for (int partition = 0; partition < Partitions; partition++)
            {
                await StoreAsync(partition, from, 10);
                Disturb(random, partition);
            }
        }

        Cluster.ClearFaults();
    }

    private void Disturb(Random random, int partition)
    {
        switch (random.Next(12))
        {
            case 0 or 1:
                Cluster.MoveLeader(Topic, partition, random.Next(1, 4));
                break;
            case 2:
                Cluster.DropConnection(ApiKey.Fetch, new FaultScope { AfterHandling = random.Next(2) == 0 });
                break;
            case 3:
                Cluster.Fail(ApiKey.Fetch, Passing(random), new FaultScope { Topic = Topic, Partition = partition });
                break;
            case 4:
                Cluster.FailNext(ApiKey.Fetch, random.Next(2) == 0 ? ErrorCode.FetchSessionIdNotFound : ErrorCode.InvalidFetchSessionEpoch);
                break;
            default:
                break;
        }
    }

    private static ErrorCode Passing(Random random) => random.Next(5) switch
    {
        0 => ErrorCode.NotLeaderOrFollower,
        1 => ErrorCode.UnknownTopicId,
        2 => ErrorCode.FencedLeaderEpoch,
        3 => ErrorCode.UnknownLeaderEpoch,
        _ => ErrorCode.KafkaStorageError,
    };
}
