using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>The decisions about assigned partitions by themselves: no clock, no task, no broker.</summary>
public class SubscriptionTests
{
    private static readonly TopicPartition A = new("a", 0);
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(10);

    [Test]
    public void A_full_partition_is_left_out_and_the_broker_is_not_asked_to_wait()
    {
        Subscription subscription = Placed(new ConsumerOptions { MaxPartitionFetchBytes = 100 }, A, new("a", 1));
        FetchPlan first = subscription.Plan(1, Now);
        subscription.Advance(first.Targets[0], 200, 10, 3, 100);

        FetchPlan plan = subscription.Plan(1, Now);

        Assert.That(plan.Targets.Select(t => t.State.Partition), Is.EqualTo(new[] { new TopicPartition("a", 1) }));
        Assert.That(plan.HoldsBack);
        Assert.That(plan.Settle(1000, 0, Now - TimeSpan.FromMilliseconds(100), Now, new ConsumerOptions()).Pause, Is.EqualTo(TimeSpan.FromMilliseconds(400)));
        Assert.That(subscription.Plan(1, Now).Settle(1000, 0, Now - TimeSpan.FromSeconds(1), Now, new ConsumerOptions()).Pause, Is.Null);
    }

    [Test]
    public void Partitions_that_got_records_go_to_the_end_of_the_row()
    {
        Subscription subscription = Placed(new ConsumerOptions(), A, new("a", 1), new("a", 2));
        FetchPlan first = subscription.Plan(1, Now);
        subscription.Advance(first.Targets[0], 1, 1, 0, 100);
        subscription.Advance(first.Targets[1], 1, 1, 0, 100);

        Assert.That(subscription.Plan(1, Now).Targets.Select(t => t.State.Partition.Partition), Is.EqualTo(new[] { 2, 0, 1 }));
    }

    [TestCase(0, 1000)]
    [TestCase(500, 500)]
    [TestCase(501, null)]
    public void A_fetch_waits_until_half_of_the_share_is_free(long buffered, int? expected)
    {
        FetchPlan plan = Placed(new ConsumerOptions(), A).Plan(1, Now).Settle(1000, buffered, Now, Now, new ConsumerOptions());

        Assert.That(plan.Pause is null ? plan.MaxBytes : (int?)null, Is.EqualTo(expected));
    }

    [Test]
    public void Out_of_range_waits_for_what_is_buffered_and_then_starts_over()
    {
        Subscription subscription = Placed(new ConsumerOptions(), A);
        subscription.Advance(subscription.Plan(1, Now).Targets[0], 50, 10, 0, 100);
        PartitionState state = subscription.Find(A)!;
        Assert.That(subscription.OutOfRange(subscription.Plan(1, Now).Targets[0], Now), Is.EqualTo(OutOfRangeStep.Wait));
        Assert.That(subscription.Plan(1, Now).Targets, Is.Empty);
        state.BufferedBytes = 0;

        Assert.That(subscription.OutOfRange(subscription.Plan(1, Now).Targets[0], Now), Is.EqualTo(OutOfRangeStep.Reset));

        Assert.That((state.Phase, state.Start), Is.EqualTo((PartitionPhase.Unplaced, StartPosition.Beginning)));
    }

    [Test]
    public void A_follower_is_read_from_until_it_fails_or_its_time_is_over()
    {
        Subscription subscription = Placed(new ConsumerOptions(), A);
        FetchTarget target = subscription.Plan(1, Now).Targets[0];
        Subscription.ReadFrom(target, 2, Now + TimeSpan.FromMinutes(1));
        Assert.That((subscription.Plan(1, Now).Targets.Count, subscription.Plan(2, Now).Targets.Count), Is.EqualTo((0, 1)));
        Assert.That(subscription.Brokers(Now), Is.EqualTo(new[] { 2 }));
        Assert.That(subscription.Plan(1, Now + TimeSpan.FromMinutes(2)).Targets, Has.Count.EqualTo(1));

        Assert.That(subscription.OutOfRange(target, Now), Is.EqualTo(OutOfRangeStep.Wait), "only the leader knows");

        Assert.That(subscription.Plan(1, Now + TimeSpan.FromSeconds(1)).Targets, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_newer_leader_ends_the_waiting_for_metadata_and_an_equal_one_does_not()
    {
        Subscription subscription = Placed(new ConsumerOptions(), A);
        subscription.Delay(subscription.Plan(1, Now).Targets[0], needsMetadata: true, Now);
        subscription.Route(Cluster(1, 5), Now);
        Assert.That(subscription.NeedsMetadata());

        subscription.Route(Cluster(2, 6), Now);

        Assert.That(subscription.NeedsMetadata(), Is.False);
        Assert.That(subscription.Plan(2, Now).Targets.Single().Position.LeaderEpoch, Is.EqualTo(6));
    }

    [Test]
    public void Every_move_makes_what_is_under_way_void()
    {
        Subscription subscription = Placed(new ConsumerOptions(), A);
        FetchTarget target = subscription.Plan(1, Now).Targets[0];
        Assert.That(target.IsCurrent);

        target.State.Restart(StartPosition.At(0));
        target.State.Place(0);

        Assert.That(target.IsCurrent, Is.False);
        subscription.Assign([new PartitionStart(A, StartPosition.At(0))]);
        Assert.That(subscription.Find(A), Is.Not.SameAs(target.State));
    }

    [Test]
    public void A_topic_that_is_gone_is_given_up_after_a_bounded_time_only()
    {
        Subscription subscription = Placed(new ConsumerOptions(), A);
        subscription.Route(new ClusterSnapshot { Topics = new Dictionary<string, TopicMetadata> { ["a"] = new("a", Guid.Empty, ErrorCode.UnknownTopicOrPartition, false, []) } }, Now);

        Assert.That(subscription.Lost(Now + TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5)), Is.Empty);
        Assert.That(subscription.Lost(Now + TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)), Has.Count.EqualTo(1));
    }

    private static Subscription Placed(ConsumerOptions options, params TopicPartition[] partitions)
    {
        var subscription = new Subscription(options, new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), new Random(1)));
        subscription.Assign([.. partitions.Select(p => new PartitionStart(p, StartPosition.At(0)))]);
        subscription.TakeUnplaced().ForEach(o => o.State.Place(o.Start.Value));
        subscription.Route(Cluster(1, 5), Now);
        return subscription;
    }

    private static ClusterSnapshot Cluster(int leader, int epoch)
    {
        PartitionMetadata[] partitions = [.. Enumerable.Range(0, 3).Select(p => new PartitionMetadata(p, ErrorCode.None, leader, epoch, [1, 2], [1, 2]))];
        return new ClusterSnapshot { Topics = new Dictionary<string, TopicMetadata> { ["a"] = new("a", Guid.Empty, ErrorCode.None, false, partitions) } };
    }
}
