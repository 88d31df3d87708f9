using System.Buffers;
using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Protocol;
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
        Assert.That(queue.BeginFlight(ProducerIdentity.None), Is.SameAs(first));
        queue.Retry(first, TimeSpan.FromSeconds(3));

        Assert.That(queue.IsReady(TimeSpan.FromSeconds(2), TimeSpan.Zero, ProducerIdentity.None), Is.False, "the pause is not over");
        Assert.That(queue.IsReady(TimeSpan.FromSeconds(3), TimeSpan.Zero, ProducerIdentity.None), Is.True);
        Assert.That(queue.BeginFlight(ProducerIdentity.None), Is.SameAs(first));
        queue.Acknowledge(first);
        Assert.That(queue.BeginFlight(ProducerIdentity.None), Is.SameAs(second));
    }

    [Test]
    public void An_open_batch_lingers_and_a_full_one_does_not()
    {
        var queue = new PartitionQueue(Partition);
        Add(queue, TimeSpan.FromSeconds(1));
        TimeSpan linger = TimeSpan.FromMilliseconds(5);

        Assert.That(queue.ReadyAt(linger, ProducerIdentity.None), Is.EqualTo(TimeSpan.FromMilliseconds(1005)));
        Assert.That(queue.ReadyAt(TimeSpan.Zero, ProducerIdentity.None), Is.EqualTo(TimeSpan.FromSeconds(1)));
        queue.EndOpen();
        Assert.That(queue.ReadyAt(linger, ProducerIdentity.None), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_batch_that_goes_again_waits_until_later_ones_are_back()
    {
        var queue = new PartitionQueue(Partition);
        ProducerBatch first = Add(queue, TimeSpan.Zero);
        ProducerBatch second = Add(queue, TimeSpan.Zero);
        queue.BeginFlight(ProducerIdentity.None);
        queue.BeginFlight(ProducerIdentity.None);

        queue.Retry(first, TimeSpan.Zero);
        Assert.That(queue.IsReady(TimeSpan.Zero, TimeSpan.Zero, ProducerIdentity.None), Is.False);
        Assert.That(() => queue.BeginFlight(ProducerIdentity.None), Throws.InvalidOperationException);
        queue.Acknowledge(second);

        Assert.That(queue.BeginFlight(ProducerIdentity.None), Is.SameAs(first));
    }

    [Test]
    public void What_is_too_old_leaves_and_what_is_on_its_way_stays()
    {
        var queue = new PartitionQueue(Partition);
        ProducerBatch flying = Add(queue, TimeSpan.FromSeconds(1));
        ProducerBatch old = Add(queue, TimeSpan.FromSeconds(2));
        ProducerBatch young = Add(queue, TimeSpan.FromSeconds(9));
        queue.BeginFlight(ProducerIdentity.None);
        var removed = new List<ProducerBatch>();

        queue.RemoveOlderThan(TimeSpan.FromSeconds(5), removed);

        Assert.That(removed, Is.EqualTo(new[] { old }));
        Assert.That(queue.InFlight, Is.EqualTo(new[] { flying }));
        Assert.That(queue.Oldest, Is.SameAs(young));
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
        batch.Replace();
        Assert.That((first.Count, second.Count), Is.EqualTo((2, 3)));

        Assert.That(first.End(new DeliveryOutcome(100, -1, null)), Is.False);
        Assert.That(accepted[0].Result.IsCompleted, Is.False, "all of a delivery end together");
        Assert.That(second.End(new DeliveryOutcome(200, -1, null)), Is.True);
        Assert.That(new[] { 0, 2, 3, 4 }.Select(i => accepted[i].Result.Result.Offset), Is.EqualTo(new long[] { 100, 200, 201, 202 }));
    }

    [Test]
    public void Without_a_producer_id_nothing_sets_out()
    {
        var queue = new PartitionQueue(Partition, isIdempotent: true);
        Add(queue, TimeSpan.Zero);

        Assert.That(queue.ReadyAt(TimeSpan.Zero, ProducerIdentity.None), Is.EqualTo(TimeSpan.MaxValue));
        Assert.That(queue.ReadyAt(TimeSpan.Zero, new ProducerIdentity(7, 0)), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void The_first_batch_goes_ahead_alone_and_the_others_follow_side_by_side()
    {
        var me = new ProducerIdentity(7, 0);
        PartitionQueue queue = Idempotent(4, out ProducerBatch[] batches);
        queue.BeginFlight(me);
        Assert.That(queue.IsReady(TimeSpan.Zero, TimeSpan.Zero, me), Is.False, "the broker has not taken the first yet");
        queue.Acknowledge(batches[0]);

        Assert.That(new[] { queue.BeginFlight(me), queue.BeginFlight(me), queue.BeginFlight(me) }, Is.EqualTo(batches[1..]));
        Assert.That(batches.Select(b => b.Stamp!.Value.BaseSequence), Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public void One_that_fails_in_the_middle_keeps_its_number_and_is_before_those_that_came_too_early()
    {
        var me = new ProducerIdentity(7, 0);
        PartitionQueue queue = Flying(me, 4, out ProducerBatch[] batches);

        queue.Retry(batches[1], TimeSpan.Zero);
        Assert.That(queue.TryRepair(batches[2], ErrorCode.OutOfOrderSequenceNumber), Is.True);
        queue.Retry(batches[2], TimeSpan.Zero);
        Assert.That(queue.IsReady(TimeSpan.Zero, TimeSpan.Zero, me), Is.False, "the last one is still on its way");
        queue.TryRepair(batches[3], ErrorCode.OutOfOrderSequenceNumber);
        queue.Retry(batches[3], TimeSpan.Zero);

        Assert.That(queue.BeginFlight(me), Is.SameAs(batches[1]));
        queue.Acknowledge(batches[1]);
        Assert.That(new[] { queue.BeginFlight(me), queue.BeginFlight(me) }, Is.EqualTo(batches[2..]));
        Assert.That(batches.Select(b => b.Stamp!.Value.BaseSequence), Is.EqualTo(new[] { 0, 1, 2, 3 }));
        Assert.That(queue.Sequences!.IsBroken, Is.False);
    }

    [Test]
    public void Behind_a_batch_that_failed_for_good_all_get_new_numbers_under_the_next_epoch_once_all_are_back()
    {
        var me = new ProducerIdentity(7, 0);
        PartitionQueue queue = Flying(me, 4, out ProducerBatch[] batches);

        queue.Abandon(batches[1]);
        Assert.That(queue.Sequences!.IsBroken, Is.True);
        queue.Retry(batches[2], TimeSpan.Zero);
        Assert.That(queue.IsReady(TimeSpan.Zero, TimeSpan.Zero, me.Next()), Is.False);
        queue.Retry(batches[3], TimeSpan.Zero);
        Assert.That(queue.IsReady(TimeSpan.Zero, TimeSpan.Zero, me), Is.False, "not under the old epoch");

        queue.BeginFlight(me.Next());
        queue.Acknowledge(batches[2]);
        queue.BeginFlight(me.Next());
        Assert.That(batches[2..].Select(b => b.Stamp), Is.EqualTo(new BatchProducer?[] { new(7, 1, 0), new(7, 1, 1) }));
    }

    [Test]
    public void A_batch_of_unknown_outcome_keeps_its_number_behind_a_gap_until_the_broker_has_spoken()
    {
        var me = new ProducerIdentity(7, 0);
        PartitionQueue queue = Flying(me, 4, out ProducerBatch[] batches);
        batches[2].MayBeStored = true;
        queue.Retry(batches[2], TimeSpan.Zero);
        queue.Retry(batches[3], TimeSpan.Zero);
        queue.Abandon(batches[1]);

        Assert.That(queue.BeginFlight(me.Next()).Stamp, Is.EqualTo(new BatchProducer(7, 0, 2)));
        Assert.That(queue.IsReady(TimeSpan.Zero, TimeSpan.Zero, me.Next()), Is.False);
        Assert.That(queue.TryRepair(batches[2], ErrorCode.OutOfOrderSequenceNumber), Is.True);
        queue.Retry(batches[2], TimeSpan.Zero);
        Assert.That(queue.BeginFlight(me.Next()).Stamp, Is.EqualTo(new BatchProducer(7, 0, 2)), "one refusal is no proof");
        Assert.That(queue.TryRepair(batches[2], ErrorCode.OutOfOrderSequenceNumber), Is.True);
        queue.Retry(batches[2], TimeSpan.Zero);

        Assert.That(queue.BeginFlight(me.Next()).Stamp, Is.EqualTo(new BatchProducer(7, 1, 0)));
    }

    [Test]
    public void A_batch_whose_request_was_never_answered_gets_no_other_numbers_whatever_the_broker_says()
    {
        var me = new ProducerIdentity(7, 0);
        PartitionQueue queue = Flying(me, 4, out ProducerBatch[] batches);
        batches[2].NoteSilence(wasSent: true);
        queue.Retry(batches[2], TimeSpan.Zero);
        queue.Retry(batches[3], TimeSpan.Zero);
        queue.Abandon(batches[1]);

        queue.BeginFlight(me.Next());
        Assert.That(queue.TryRepair(batches[2], ErrorCode.OutOfOrderSequenceNumber), Is.True);
        queue.Retry(batches[2], TimeSpan.Zero);
        Assert.That(queue.BeginFlight(me.Next()).Stamp, Is.EqualTo(new BatchProducer(7, 0, 2)));
        Assert.That(queue.TryRepair(batches[2], ErrorCode.OutOfOrderSequenceNumber), Is.False);
        queue.Abandon(batches[2]);

        Assert.That(batches[2].MayBeStored, Is.True);
        Assert.That(queue.BeginFlight(me.Next()).Stamp, Is.EqualTo(new BatchProducer(7, 1, 0)), "the next one was never sent without an answer");
    }

    [Test]
    public void The_parts_of_a_split_batch_do_not_push_an_earlier_one_out_of_the_brokers_memory()
    {
        var me = new ProducerIdentity(7, 0);
        PartitionQueue queue = Idempotent(6, out ProducerBatch[] batches, recordsEach: 2);
        queue.BeginFlight(me);
        queue.Acknowledge(batches[0]);
        for (int i = 1; i < 6; i++)
        {
            queue.BeginFlight(me).Close(null);
        }

        (ProducerBatch first, ProducerBatch second) = BatchSplit.InHalves(batches[5]);
        batches[5].Replace();
        queue.Retry(batches[5], first, second);
        queue.Acknowledge(batches[2]);
        Assert.That(queue.IsReady(TimeSpan.Zero, TimeSpan.Zero, me), Is.False, "of the five batches behind the first, the broker would not know the first again");
        queue.Acknowledge(batches[1]);

        Assert.That(queue.BeginFlight(me), Is.SameAs(first));
        Assert.That(queue.BeginFlight(me), Is.SameAs(second));
    }

    [Test]
    public void A_newer_epoch_waits_for_what_is_on_its_way_under_the_old_one()
    {
        var me = new ProducerIdentity(7, 0);
        PartitionQueue queue = Flying(me, 2, out ProducerBatch[] batches);
        Add(queue, TimeSpan.Zero);

        Assert.That(queue.IsReady(TimeSpan.Zero, TimeSpan.Zero, me.Next()), Is.False);
        queue.Acknowledge(batches[1]);

        Assert.That(queue.BeginFlight(me.Next()).Stamp, Is.EqualTo(new BatchProducer(7, 1, 0)));
    }

    [TestCase(0, 1, 1)]
    [TestCase(int.MaxValue, 1, 0)]
    [TestCase(int.MaxValue - 1, 1, int.MaxValue)]
    [TestCase(int.MaxValue - 2, 10, 7)]
    [TestCase(int.MaxValue, int.MaxValue, int.MaxValue - 1)]
    public void After_the_greatest_sequence_number_comes_zero(int sequence, int count, int next) =>
        Assert.That(PartitionSequences.Add(sequence, count), Is.EqualTo(next));

    [Test]
    public void When_epochs_have_run_out_a_new_id_is_needed()
    {
        Assert.That(new ProducerIdentity(7, short.MaxValue - 1).Next(), Is.EqualTo(new ProducerIdentity(7, short.MaxValue)));
        Assert.That(new ProducerIdentity(7, short.MaxValue).Next(), Is.EqualTo(ProducerIdentity.None));
    }

    /// <summary>A queue whose batches are all on their way but the first, which has been taken.</summary>
    private PartitionQueue Flying(ProducerIdentity identity, int count, out ProducerBatch[] batches)
    {
        PartitionQueue queue = Idempotent(count, out batches);
        queue.BeginFlight(identity);
        queue.Acknowledge(batches[0]);
        for (int i = 1; i < count; i++)
        {
            queue.BeginFlight(identity);
        }

        return queue;
    }

    private PartitionQueue Idempotent(int count, out ProducerBatch[] batches, int recordsEach = 1)
    {
        var queue = new PartitionQueue(Partition, isIdempotent: true);
        batches = [.. Enumerable.Range(0, count).Select(_ => Add(queue, TimeSpan.Zero, recordsEach))];
        return queue;
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

    private ProducerBatch Add(PartitionQueue queue, TimeSpan now, int records = 1)
    {
        var batch = new ProducerBatch(_memory, 256, 256, new BatchDelivery(Partition), 0, now);
        for (int i = 0; i < records; i++)
        {
            batch.TryAppend(Record([1]), out _);
        }

        queue.Add(batch);
        return batch;
    }
}
