using Milena.Kafka.Producer.Internal;

namespace Milena.Kafka.Tests.Producer;

public class PartitionLoadTests
{
    private const int Draws = 80_000;

    [Test]
    public void The_more_batches_wait_the_less_often_a_partition_is_chosen()
    {
        // 4, 1 and 3 of 8: each by how much it is shorter than one more than the longest.
        int[] counts = Draw([(7, 0), (2, 3), (5, 1)]);

        Assert.That(counts[7], Is.EqualTo(Draws * 4 / 8).Within(2).Percent);
        Assert.That(counts[2], Is.EqualTo(Draws * 1 / 8).Within(4).Percent);
        Assert.That(counts[5], Is.EqualTo(Draws * 3 / 8).Within(2).Percent);
        Assert.That(counts.Sum(), Is.EqualTo(Draws));
    }

    [TestCase(0)]
    [TestCase(17)]
    public void Equal_queues_are_chosen_equally_often(int length)
    {
        int[] counts = Draw([.. Enumerable.Range(0, 8).Select(p => (p, length))]);

        Assert.That(counts.Take(8), Is.All.EqualTo(Draws / 8).Within(5).Percent);
    }

    [Test]
    public void What_was_not_added_is_never_chosen()
    {
        int[] counts = Draw([(3, 1_000_000), (4, 0)]);

        Assert.That(counts.Where((count, partition) => partition is not (3 or 4) && count > 0), Is.Empty);
        Assert.That(counts[3], Is.LessThan(10));
        Assert.That(Draw([(6, 12)])[6], Is.EqualTo(Draws), "the only one");
    }

    [Test]
    public void Weights_of_thousands_of_long_queues_do_not_overflow()
    {
        var load = new PartitionLoad();
        for (int p = 0; p < 5_000; p++)
        {
            load.Add(p, p == 0 ? int.MaxValue : 0);
        }

        var random = new Random(1);
        Assert.That(Enumerable.Range(0, 1_000).Select(_ => load.Choose(random)), Is.All.InRange(1, 4_999));
    }

    [Test]
    public void It_begins_anew_when_cleared()
    {
        var load = new PartitionLoad();
        load.Add(1, 0);
        Assert.That(load.Choose(new Random(1)), Is.EqualTo(1));
        Assert.That(() => load.Add(2, 0), Throws.InvalidOperationException);
        load.Clear();
        load.Add(2, 0);

        Assert.That(load.Choose(new Random(1)), Is.EqualTo(2));
        Assert.That(load.Count, Is.EqualTo(1));
    }

    private static int[] Draw((int Partition, int Length)[] queues)
    {
        var load = new PartitionLoad();
        foreach ((int partition, int length) in queues)
        {
            load.Add(partition, length);
        }

        var random = new Random(42);
        int[] counts = new int[10];
        for (int i = 0; i < Draws; i++)
        {
            counts[load.Choose(random)]++;
        }

        return counts;
    }
}
