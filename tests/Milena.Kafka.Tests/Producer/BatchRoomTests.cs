using Milena.Kafka.Producer.Internal;

namespace Milena.Kafka.Tests.Producer;

public class BatchRoomTests
{
    private const int Full = 64 * 1024;

    [TestCase(0, 200, ExpectedResult = 4096, TestName = "A_first_batch_begins_small")]
    [TestCase(0, 5_000, ExpectedResult = 16_384, TestName = "A_first_batch_has_room_for_its_first_record")]
    [TestCase(0, 65_000, ExpectedResult = Full, TestName = "A_large_record_gets_all_at_once")]
    [TestCase(16_384, 200, ExpectedResult = 16_384, TestName = "The_batch_before_says_how_much_is_needed")]
    [TestCase(20_000, 200, ExpectedResult = 16_384, TestName = "Only_sizes_of_the_pool_are_asked_for")]
    [TestCase(Full, 200, ExpectedResult = Full, TestName = "After_a_full_batch_comes_a_full_sized_one")]
    [TestCase(1_000_000, 200, ExpectedResult = Full, TestName = "A_huge_record_leaves_no_huge_batches_behind")]
    public int First(int hint, long record) => BatchRoom.First(hint, record, Full);

    [Test]
    public void Every_size_that_occurs_is_one_of_the_pools([Values(256, 4096, 16_384, 65_536, 100_000, 1_048_576)] int full, [Values(0, 4096, 5_000, 60_000, 2_000_000)] int hint)
    {
        int[] sizes = [.. BatchRoom.Sizes(full)];
        int room = BatchRoom.First(hint, Math.Min(100, full), full);

        Assert.That(sizes, Is.Ordered.Ascending.And.Contains(room));
        while (room < full)
        {
            room = BatchRoom.Next(room, full);
            Assert.That(sizes, Contains.Item(room));
        }

        Assert.That(room, Is.EqualTo(full));
    }

    [Test]
    public void The_pool_gives_back_what_it_was_given_and_keeps_no_more_than_the_budget()
    {
        var pool = new BatchBufferPool(Full, budget: Full + 4096);
        byte[] small = pool.Rent(4096);
        byte[] large = pool.Rent(Full);
        byte[] beyond = pool.Rent(4096);

        pool.Return(small);
        pool.Return(large);
        pool.Return(beyond);

        Assert.That(pool.Rent(4096), Is.SameAs(small));
        Assert.That(pool.Rent(Full), Is.SameAs(large));
        Assert.That(pool.Rent(4096), Is.Not.SameAs(beyond));
    }
}
