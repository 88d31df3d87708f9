using Milena.Kafka.Consumer.Internal.Processing;

namespace Milena.Kafka.Tests.Consumer.Processing;

/// <summary>Progress in any order.</summary>
public class OffsetTrackerTests
{
    [Test]
    public void The_oldest_unfinished_offset_is_never_passed([Range(1, 60)] int seed)
    {
        var random = new Random(seed);
        var tracker = new OffsetTracker();
        var unfinished = new SortedSet<long>();
        long next = random.Next(100);
        for (int step = 0; step < 400; step++)
        {
            if (unfinished.Count == 0 || random.Next(2) == 0)
            {
                next += 1 + (random.Next(4) == 0 ? random.Next(50) : 0);
                tracker.Begin(next);
                unfinished.Add(next);
            }
            else
            {
                long finished = unfinished.ElementAt(random.Next(unfinished.Count));
                unfinished.Remove(finished);
                tracker.Finish(finished);
            }

            Assert.That(tracker.Oldest, Is.EqualTo(unfinished.Count == 0 ? null : unfinished.Min));
        }
    }

    [Test]
    public void What_finishes_behind_a_gap_counts_once_the_gap_is_closed()
    {
        var tracker = new OffsetTracker();
        foreach (long offset in (long[])[5, 6, 9])
        {
            tracker.Begin(offset);
        }

        tracker.Finish(9);
        tracker.Finish(6);
        Assert.That((tracker.Oldest, tracker.Count), Is.EqualTo(((long?)5, 3)));
        tracker.Finish(5);
        Assert.That((tracker.Oldest, tracker.Count), Is.EqualTo(((long?)null, 0)));
    }
}
