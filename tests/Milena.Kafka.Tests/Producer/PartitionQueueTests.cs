using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Tests.Producer;

public class PartitionQueueTests
{
    private static readonly TopicPartition Partition = new("t", 0);
    private readonly BatchMemory _memory = new(long.MaxValue, ArrayPool<byte>.Shared);

    [Test]
    public void A_batch_that_goes_again_is_before_all_later_ones()
    {
        var queue = new PartitionQueue(Partition);
        ProducerBatch first = Add(queue, TimeSpan.Zero);
        ProducerBatch second = Add(queue, TimeSpan.Zero);
        Assert.That(queue.BeginFlight(), Is.SameAs(first));
        Assert.That(queue.IsReady(TimeSpan.MaxValue - TimeSpan.FromTicks(1), TimeSpan.Zero), Is.False, "one is on its way");

        queue.Retry(first, TimeSpan.FromSeconds(3));

        Assert.That(queue.IsReady(TimeSpan.FromSeconds(2), TimeSpan.Zero), Is.False, "the pause is not over");
        Assert.That(queue.IsReady(TimeSpan.FromSeconds(3), TimeSpan.Zero), Is.True);
        Assert.That(queue.BeginFlight(), Is.SameAs(first));
        queue.EndFlight();
        Assert.That(queue.BeginFlight(), Is.SameAs(second));
    }

    [Test]
    public void An_open_batch_lingers_and_a_full_one_does_not()
    {
        var queue = new PartitionQueue(Partition);
        Add(queue, TimeSpan.FromSeconds(1));
        TimeSpan linger = TimeSpan.FromMilliseconds(5);

        Assert.That(queue.ReadyAt(linger), Is.EqualTo(TimeSpan.FromMilliseconds(1005)));
        Assert.That(queue.ReadyAt(TimeSpan.Zero), Is.EqualTo(TimeSpan.FromSeconds(1)));
        queue.EndOpen();
        Assert.That(queue.ReadyAt(linger), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_second_batch_on_its_way_is_a_bug_and_throws()
    {
        var queue = new PartitionQueue(Partition);
        Add(queue, TimeSpan.Zero);
        Add(queue, TimeSpan.Zero);
        queue.BeginFlight();

        Assert.That(queue.BeginFlight, Throws.InvalidOperationException);
    }

    [Test]
    public void What_is_too_old_leaves_and_what_is_on_its_way_stays()
    {
        var queue = new PartitionQueue(Partition);
        ProducerBatch flying = Add(queue, TimeSpan.FromSeconds(1));
        ProducerBatch old = Add(queue, TimeSpan.FromSeconds(2));
        ProducerBatch young = Add(queue, TimeSpan.FromSeconds(9));
        queue.BeginFlight();
        var removed = new List<ProducerBatch>();

        queue.RemoveOlderThan(TimeSpan.FromSeconds(5), removed);

        Assert.That(removed, Is.EqualTo(new[] { old }));
        Assert.That(queue.InFlight, Is.SameAs(flying));
        Assert.That(queue.Oldest, Is.SameAs(young));
    }

    [Test]
    public void Whatever_happens_batches_leave_in_the_order_they_came_in()
    {
        // 0 adds, 1 begins a flight, 2 lands it, 3 sends it again.
        Gen<int[]> schedules = Gen.Choose(0, 3).ArrayOf();
        Prop.ForAll(schedules.ToArbitrary(), schedule =>
        {
            var queue = new PartitionQueue(Partition);
            var expected = new Queue<ProducerBatch>();
            foreach (int step in schedule)
            {
                switch (step)
                {
                    case 0:
                        expected.Enqueue(Add(queue, TimeSpan.Zero));
                        break;
                    case 1 when queue.IsReady(TimeSpan.Zero, TimeSpan.Zero):
                        Assert.That(queue.BeginFlight(), Is.SameAs(expected.Peek()));
                        break;
                    case 2 when queue.InFlight is not null:
                        expected.Dequeue();
                        queue.EndFlight();
                        break;
                    case 3 when queue.InFlight is { } batch:
                        queue.Retry(batch, TimeSpan.Zero);
                        break;
                    default:
                        break;
                }
            }

            Assert.That(queue.IsEmpty, Is.EqualTo(expected.Count == 0));
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void A_batch_too_large_splits_in_order_and_each_half_has_its_own_offsets()
    {
        ProducerBatch batch = new(_memory, 4096, 4096, new BatchDelivery(Partition), 0, TimeSpan.Zero);
        var accepted = new List<AcceptedRecord>();
        for (int i = 0; i < 5; i++)
        {
            Assert.That(batch.TryAppend(Record([(byte)i], isAwaited: i != 1), out AcceptedRecord record), Is.True);
            accepted.Add(record);
        }

        batch.Close(null);
        (ProducerBatch first, ProducerBatch second) = BatchSplit.InHalves(batch);
        Assert.That((first.Count, second.Count), Is.EqualTo((2, 3)));

        Assert.That(first.End(new DeliveryOutcome(100, -1, null)), Is.False);
        Assert.That(accepted[0].Result.IsCompleted, Is.False, "all of a delivery end together");
        Assert.That(second.End(new DeliveryOutcome(200, -1, null)), Is.True);
        Assert.That(new[] { 0, 2, 3, 4 }.Select(i => accepted[i].Result.Result.Offset), Is.EqualTo(new long[] { 100, 200, 201, 202 }));
    }

    private static PendingRecord Record(byte[] value, bool isAwaited = true) => new()
    {
        Topic = "t",
        Partition = -1,
        Key = RecordBytes.Null,
        Value = value,
        Headers = default,
        Timestamp = 1,
        IsAwaited = isAwaited,
    };

    private ProducerBatch Add(PartitionQueue queue, TimeSpan now)
    {
        var batch = new ProducerBatch(_memory, 256, 256, new BatchDelivery(Partition), 0, now);
        batch.TryAppend(Record([1]), out _);
        queue.Add(batch);
        return batch;
    }
}
