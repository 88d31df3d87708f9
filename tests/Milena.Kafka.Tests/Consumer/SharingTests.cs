using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Partitions of one broker share its answers, and paused ones are no part of them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class SharingTests : ConsumerTest
{
    [Test]
    public async Task No_partition_waits_until_another_is_read_to_its_end(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 3);
        for (int partition = 0; partition < 3; partition++)
        {
            for (int batch = 0; batch < 20; batch++)
            {
                await StoreAsync(partition, batch * 10, 10);
            }
        }

        // An answer has room for one batch: who is served is what is seen.
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { FetchMaxBytes = 250, QueuedMaxBytes = 500 });
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);

        List<ConsumeResult<string, string>> records = await TakeRecordsAsync(consumer, 120, cancellationToken);

        Assert.That(records.GroupBy(r => r.Partition).Select(p => p.Count()), Is.EqualTo(new[] { 40, 40, 40 }));
    }

    [Test]
    public async Task A_paused_partition_is_no_part_of_requests_until_it_is_resumed(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await StoreAsync(0, 0, 1);
        await StoreAsync(1, 0, 1);
        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { FetchMaxWait = TimeSpan.FromMilliseconds(20) });
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);
        await TakeAsync(consumer, 2, cancellationToken);

        consumer.Pause(First);
        await Cluster.WaitForAsync(ApiKey.Fetch, Cluster.ReceivedCount(ApiKey.Fetch) + 2, cancellationToken);
        int before = Cluster.Received<FetchRequest>().Count;
        await StoreAsync(0, 1, 1);
        await StoreAsync(1, 1, 1);
        Assert.That((await TakeRecordsAsync(consumer, 1, cancellationToken)).Single().Partition, Is.EqualTo(1));
        await Cluster.WaitForAsync(ApiKey.Fetch, Cluster.ReceivedCount(ApiKey.Fetch) + 2, cancellationToken);
        IReadOnlyList<FetchRequest> requests = Cluster.Received<FetchRequest>();

        Assert.That(requests.Take(before).SelectMany(r => r.ForgottenTopicsData).SelectMany(t => t.Partitions), Is.EqualTo(new[] { 0 }));
        Assert.That(requests.Skip(before).SelectMany(r => r.Topics).SelectMany(t => t.Partitions).Select(p => p.Partition), Has.None.Zero);

        consumer.Resume(First);
        Assert.That((await TakeRecordsAsync(consumer, 1, cancellationToken)).Single().TopicPartition, Is.EqualTo(First));
    }

    [Test]
    public async Task Fetches_to_one_broker_never_overlap(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 8);
        for (int partition = 0; partition < 8; partition++)
        {
            await StoreAsync(partition, 0, 10);
        }

        using Milena.Kafka.Testing.RequestHold hold = Cluster.Hold(ApiKey.Fetch, new Milena.Kafka.Testing.FaultScope { Count = 2 });
        await using Consumer<string, string> consumer = CreateConsumer();
        await consumer.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken);
        Task<List<string>> reading = TakeAsync(consumer, 80, cancellationToken);
        await hold.WaitForAsync(2, cancellationToken);
        consumer.Seek(First, StartPosition.At(0));

        Assert.That(Cluster.Received(ApiKey.Fetch).GroupBy(r => r.BrokerId).Select(b => b.Count()), Is.EqualTo(new[] { 1, 1 }), "one is under way for each broker");
        hold.Release();
        await reading;
    }
}
