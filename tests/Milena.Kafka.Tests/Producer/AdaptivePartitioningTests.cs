using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>Where records without a key go (KIP-794).</summary>
public class AdaptivePartitioningTests : ProducerTest
{
    private const int Slow = 1;
    private const int Records = 10_000;

    private static readonly string Value = new('x', 90);

    [Test]
    public async Task A_batch_that_is_sent_before_it_is_full_is_no_reason_to_leave_its_partition(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 4096 });
        var partitions = new List<int>();
        for (int i = 0; i < 300; i++)
        {
            partitions.Add((await producer.ProduceAsync(Topic, null, Value, cancellationToken)).Partition);
        }

        // A record alone takes 61 bytes of batch and some 100 of its own. Chance may choose the same partition again.
        int[] stays = [.. RunsOf(partitions).SkipLast(1)];
        Assert.That(stays.Min(), Is.EqualTo(4096 / 160));
        Assert.That(stays, Is.All.Matches<int>(stay => stay % stays.Min() == 0));
        Assert.That(partitions.Distinct().Count(), Is.GreaterThan(1), "they do not stay for ever");
    }

    [Test]
    public async Task A_slow_broker_gets_clearly_fewer_records_unless_that_is_switched_off([Values] bool isAdaptive, CancellationToken cancellationToken)
    {
        long slow = await ProduceWithOneSlowBrokerAsync(new ProducerOptions { BatchSize = 1_000, BufferMemory = isAdaptive ? 200_000 : 32_000_000, AdaptivePartitioning = isAdaptive }, cancellationToken);

        Assert.That(slow, isAdaptive ? Is.LessThan(Records / 6) : Is.GreaterThan(Records / 4));
    }

    [Test]
    public async Task A_broker_that_takes_no_request_for_too_long_gets_none(CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        KafkaClientOptions client = ClientOptions(Cluster.BootstrapServers);
        client.TimeProvider = time;
        await using var kafka = new KafkaClient(client);
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(
            new ProducerOptions { BatchSize = 256, MaxInFlight = 1, Linger = TimeSpan.Zero, PartitionAvailabilityTimeout = TimeSpan.FromSeconds(1) });
        foreach (int partition in new[] { 0, 1, 2 })
        {
            await producer.ProduceAsync(To(partition, Value), cancellationToken);
        }

        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope { BrokerId = Cluster.Leader(Topic, Slow), Count = int.MaxValue });
        Task<DeliveryResult> held = producer.ProduceAsync(To(Slow, "held"), cancellationToken).AsTask();
        await hold.WaitForAsync(1, cancellationToken);
        time.Advance(TimeSpan.FromSeconds(2));

        // The partition that was chosen before may be the slow one: it is left when a batch is full.
        Task<DeliveryResult>[] first = [.. Enumerable.Range(0, 10).Select(_ => producer.ProduceAsync(Topic, null, Value, cancellationToken).AsTask())];
        for (int i = 0; i < 200; i++)
        {
            Assert.That((await producer.ProduceAsync(Topic, null, Value, cancellationToken)).Partition, Is.Not.EqualTo(Slow));
        }

        hold.Release();
        await Task.WhenAll(first.Append(held));
    }

    [Test]
    public async Task Keys_can_be_ignored(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { BatchSize = 256, IgnoreKeys = true });
        var partitions = new HashSet<int>();
        for (int i = 0; i < 100; i++)
        {
            partitions.Add((await producer.ProduceAsync(Topic, "the same", Value, cancellationToken)).Partition);
        }

        Assert.That(partitions, Has.Count.EqualTo(3));
    }

    private static IEnumerable<int> RunsOf(List<int> partitions)
    {
        int run = 1;
        for (int i = 1; i < partitions.Count; i++)
        {
            if (partitions[i] == partitions[i - 1])
            {
                run++;
                continue;
            }

            yield return run;
            run = 1;
        }

        yield return run;
    }

    private async Task<long> ProduceWithOneSlowBrokerAsync(ProducerOptions options, CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(options);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope { BrokerId = Cluster.Leader(Topic, Slow), Count = int.MaxValue });
        for (int i = 0; i < Records; i++)
        {
            await producer.EnqueueAsync(Topic, null, Value, cancellationToken);
        }

        hold.Release();
        await producer.FlushAsync(cancellationToken);
        Assert.That(Enumerable.Range(0, 3).Sum(p => Cluster.EndOffset(Topic, p)), Is.EqualTo(Records));
        return Cluster.EndOffset(Topic, Slow);
    }
}
