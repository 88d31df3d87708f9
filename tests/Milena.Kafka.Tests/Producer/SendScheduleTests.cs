using Milena.Kafka.Producer.Internal;

namespace Milena.Kafka.Tests.Producer;

public class SendScheduleTests
{
    private readonly SendSchedule _schedule = new();

    [Test]
    public void Ready_queues_have_their_turn_one_after_the_other_and_keep_it()
    {
        PartitionQueue a = Queue(0), b = Queue(1);
        _schedule.Ready(a);
        _schedule.Ready(b);
        _schedule.Ready(a);

        Assert.That(Next(), Is.SameAs(a), "news of a queue does not send it to the end");
        _schedule.Ready(a);
        Assert.That(Next(), Is.SameAs(b));
        Assert.That(Next(), Is.SameAs(a));
        Assert.That(Next(), Is.Null);
    }

    [Test]
    public void An_open_batch_is_due_when_it_has_lingered_oldest_first()
    {
        PartitionQueue younger = Queue(0), older = Queue(1);
        _schedule.Linger(younger, Ms(3));
        _schedule.Linger(older, Ms(1));
        Assert.That(_schedule.NextAt(Ms(5)), Is.EqualTo(Ms(6)));
        Assert.That(_schedule.NextAt(TimeSpan.Zero), Is.EqualTo(Ms(1)));

        _schedule.Promote(Ms(6), Ms(5));
        Assert.That(Next(), Is.SameAs(older));
        Assert.That(Next(), Is.Null);
        _schedule.Promote(Ms(6), TimeSpan.Zero);
        Assert.That(Next(), Is.SameAs(younger));
        Assert.That(_schedule.NextAt(Ms(5)), Is.EqualTo(TimeSpan.MaxValue));
    }

    [Test]
    public void A_pause_is_not_cut_short_by_linger()
    {
        PartitionQueue queue = Queue(0);
        _schedule.Pause(queue, Ms(20));
        _schedule.Promote(Ms(19), TimeSpan.Zero);
        Assert.That(Next(), Is.Null);
        Assert.That(_schedule.NextAt(TimeSpan.FromMinutes(1)), Is.EqualTo(Ms(20)));

        _schedule.Promote(Ms(20), TimeSpan.FromMinutes(1));
        Assert.That(Next(), Is.SameAs(queue));
    }

    [Test]
    public void A_queue_has_one_place_the_last()
    {
        PartitionQueue queue = Queue(0);
        _schedule.Linger(queue, Ms(1));
        _schedule.Pause(queue, Ms(2));
        _schedule.Hold(queue);
        _schedule.Ready(queue);
        Assert.That(Next(), Is.SameAs(queue));

        _schedule.ReleaseHeld();
        _schedule.Promote(Ms(100), TimeSpan.Zero);
        Assert.That(Next(), Is.Null);
        _schedule.Ready(queue);
        SendSchedule.Remove(queue);
        Assert.That(Next(), Is.Null);
        Assert.That(_schedule.NextAt(TimeSpan.Zero), Is.EqualTo(TimeSpan.MaxValue));
    }

    [Test]
    public void What_is_held_is_looked_at_when_it_is_let_go()
    {
        PartitionQueue queue = Queue(0);
        _schedule.Hold(queue);
        Assert.That(_schedule.NextAt(TimeSpan.Zero), Is.EqualTo(TimeSpan.MaxValue));

        _schedule.ReleaseHeld();
        Assert.That(_schedule.NextAt(TimeSpan.Zero), Is.EqualTo(TimeSpan.Zero));
        Assert.That(Next(), Is.SameAs(queue));
    }

    private static PartitionQueue Queue(int partition) => new(new TopicPartition("t", partition));

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private PartitionQueue? Next()
    {
        if (!_schedule.TryPeek(out PartitionQueue? queue))
        {
            return null;
        }

        _schedule.Take();
        return queue;
    }
}
