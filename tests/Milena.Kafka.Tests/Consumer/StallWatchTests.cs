using Milena.Kafka.Consumer.Internal;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Which partitions are said not to move.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class StallWatchTests
{
    private readonly StallWatch _watch = new();

    [Test]
    public void A_partition_that_stands_still_is_told_once_after_two_intervals_until_it_moves()
    {
        PartitionStatus still = At(5) with { Lag = 3, WaitingFor = PartitionWait.Handler };

        Assert.That(Looks(still, still, still, still, still), Is.EqualTo(new[] { 0, 0, 1, 0, 0 }));
        Assert.That(Looks(still with { Position = 6 }, still with { Position = 6 }, still with { Position = 6 }), Is.EqualTo(new[] { 0, 0, 1 }));
    }

    [Test]
    public void Nobody_is_told_of_one_that_is_at_its_end_or_paused_by_the_program()
    {
        PartitionStatus atEnd = At(5) with { Lag = 0, WaitingFor = PartitionWait.Data };
        PartitionStatus paused = At(5) with { Lag = 9, PausedBy = PauseReasons.User, WaitingFor = PartitionWait.Resume };

        Assert.That(Looks(atEnd, atEnd, atEnd, atEnd), Has.All.EqualTo(0));
        Assert.That(Looks(paused, paused, paused, paused), Has.All.EqualTo(0));
    }

    [Test]
    public void One_that_has_no_position_yet_stands_still_too()
    {
        PartitionStatus lost = new() { Partition = new("orders", 0), WaitingFor = PartitionWait.Coordinator };

        Assert.That(Looks(lost, lost, lost), Is.EqualTo(new[] { 0, 0, 1 }));
    }

    [Test]
    public void A_membership_that_does_not_settle_is_told_once_after_two_intervals_until_it_does()
    {
        bool[] settled = [false, false, true, false, false, false, false, true, false, false, false];

        Assert.That(settled.Select(s => _watch.LookAtGroup(s)), Is.EqualTo(new[] { false, false, false, false, false, true, false, false, false, false, true }));
    }

    private static PartitionStatus At(long position) => new() { Partition = new("orders", 0), Position = position };

    private int[] Looks(params PartitionStatus[] statuses) => [.. statuses.Select(s => _watch.Look([s]).Count)];
}
