using System.Runtime.InteropServices;
using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Producer;

public class PartitionersTests : ProducerTest
{
    private const int Many = 1_000_003;

    private delegate int Partitioner(nint topic, byte[] key, nuint length, int partitionCount, nint topicOpaque, nint messageOpaque);

    // Computed by librdkafka 2.0.2.
    [TestCase("", 0, 645856, 824651)]
    [TestCase("61", 344195, 100772, 963672)]
    [TestCase("68656c6c6f", 58149, 656833, 827718)]
    [TestCase("6f726465722d3432", 802517, 151521, 990869)]
    [TestCase("d0bad0bbd18ed187", 833182, 336658, 251837)]
    [TestCase("ff00807f", 984493, 213763, 981365)]
    [TestCase("7061796d656e7473", 295982, 35503, 168392)]
    [TestCase("3231", 439776, 547821, 252662)]
    public void Keys_go_where_librdkafka_puts_them(string key, int consistent, int murmur2, int fnv1a)
    {
        byte[] bytes = Convert.FromHexString(key);
        int Of(IPartitioner partitioner) => partitioner.SelectPartition(Topic, Many, bytes, isKeyNull: false);

        Assert.That((Of(Partitioners.Consistent), Of(Partitioners.Murmur2), Of(Partitioners.Fnv1a)), Is.EqualTo((consistent, murmur2, fnv1a)));
        Assert.That((Of(Partitioners.Murmur2Random), Of(Partitioners.Fnv1aRandom)), Is.EqualTo((murmur2, fnv1a)));
        Assert.That(Of(Partitioners.ConsistentRandom), Is.EqualTo(bytes.Length == 0 ? HashPartitioner.Any : consistent));
    }

    [Test]
    public void Random_keys_go_where_the_installed_librdkafka_puts_them()
    {
        if (!Librdkafka.IsLoaded)
        {
            Assert.Ignore($"{Librdkafka.FileName} is not installed.");
        }

        var random = new Random(1);
        (string Name, IPartitioner Ours)[] pairs = [("consistent", Partitioners.Consistent), ("murmur2", Partitioners.Murmur2), ("fnv1a", Partitioners.Fnv1a)];
        nint library = NativeLibrary.Load(Librdkafka.FileName);
        foreach ((string name, IPartitioner ours) in pairs)
        {
            var theirs = Marshal.GetDelegateForFunctionPointer<Partitioner>(NativeLibrary.GetExport(library, $"rd_kafka_msg_partitioner_{name}"));
            for (int i = 0; i < 10_000; i++)
            {
                byte[] key = new byte[random.Next(40)];
                random.NextBytes(key);
                int count = random.Next(1, 5_000);
                Assert.That(ours.SelectPartition(Topic, count, key, isKeyNull: false), Is.EqualTo(theirs(0, key, (nuint)key.Length, count, 0, 0)), $"{name} of {Convert.ToHexString(key)}");
            }
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Random_keys_go_where_kafkajs_puts_them([Values(1, 7, 50, 4_999)] int partitionCount, CancellationToken cancellationToken)
    {
        if (!NodeClient.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        var random = new Random(partitionCount);
        byte[][] keys = [.. Enumerable.Range(0, 5_000).Select(_ => new byte[random.Next(1, 40)])];
        foreach (byte[] key in keys)
        {
            random.NextBytes(key);
        }

        int[] theirs = await NodeClient.PartitionAsync(keys, partitionCount, TimeSpan.FromSeconds(50), cancellationToken);

        Assert.That(theirs, Is.EqualTo(keys.Select(key => Partitioners.Default.SelectPartition(Topic, partitionCount, key, isKeyNull: false))));
    }

    [Test]
    public void A_record_without_a_key_goes_where_the_name_says()
    {
        static int Of(IPartitioner partitioner) => partitioner.SelectPartition(Topic, Many, [], isKeyNull: true);

        IPartitioner[] free = [Partitioners.Default, Partitioners.Murmur2Random, Partitioners.ConsistentRandom, Partitioners.Fnv1aRandom];
        Assert.That(free.Select(Of), Is.All.EqualTo(HashPartitioner.Any));
        Assert.That(Of(Partitioners.Consistent), Is.Zero);
        Assert.That((Of(Partitioners.Murmur2), Of(Partitioners.Fnv1a)), Is.EqualTo((645856, 824651)));
    }

    [Test]
    public async Task Records_that_a_partitioner_leaves_to_the_producer_stay_together(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Partitioner = Partitioners.ConsistentRandom });

        DeliveryResult[] results = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => producer.ProduceAsync(Topic, null, $"{i}", cancellationToken).AsTask()));

        Assert.That(results.Select(r => r.Partition).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Round_robin_takes_one_partition_after_the_other_in_each_topic(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("other", partitions: 2);
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { Partitioner = Partitioners.RoundRobin() });

        var partitions = new List<int>();
        for (int i = 0; i < 6; i++)
        {
            partitions.Add((await producer.ProduceAsync(Topic, "same", "x", cancellationToken)).Partition);
            await producer.ProduceAsync("other", "same", "x", cancellationToken);
        }

        Assert.That(partitions, Is.EqualTo(new[] { 0, 1, 2, 0, 1, 2 }));
        Assert.That((Cluster.EndOffset("other", 0), Cluster.EndOffset("other", 1)), Is.EqualTo((3L, 3L)));
    }
}
