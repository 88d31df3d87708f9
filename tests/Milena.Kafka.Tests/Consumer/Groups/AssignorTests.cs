using System.Diagnostics;
using Milena.Kafka.Consumer.Internal.Assignment;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>The assignors of every Kafka client, on the examples that Kafka's documentation gives.</summary>
public class AssignorTests
{
    [Test]
    public void Range_gives_each_member_the_same_range_of_each_topic() =>
        Expect(PartitionAssignors.Range, Scene().Topic("t0", 3).Topic("t1", 3).Member("c0", "t0", "t1").Member("c1", "t0", "t1"), "c0: t0-0 t0-1 t1-0 t1-1; c1: t0-2 t1-2");

    [Test]
    public void Range_puts_static_members_first_in_the_order_of_their_names() =>
        Expect(
            PartitionAssignors.Range,
            Scene().Topic("t0", 3).Member("c0", "t0").Member("c1", "t0").Member("c2", "t0").Static("c2", "a").Static("c1", "b"),
            "c0: t0-2; c1: t0-1; c2: t0-0");

    [Test]
    public void Range_leaves_the_last_members_without_work_when_there_are_too_many() =>
        Expect(PartitionAssignors.Range, Scene().Topic("t", 1).Member("c0", "t").Member("c1", "t"), "c0: t-0; c1:");

    [Test]
    public void Range_prefers_members_beside_a_replica() =>
        Expect(
            PartitionAssignors.Range,
            Scene().Topic("t", 4, "b", "a").Member("c0", "t").Rack("c0", "a").Member("c1", "t").Rack("c1", "b"),
            "c0: t-1 t-3; c1: t-0 t-2");

    [Test]
    public void Range_keeps_topics_of_one_size_together_where_racks_matter() =>
        Expect(
            PartitionAssignors.Range,
            Scene().Topic("s", 2, "b", "a").Topic("t", 2, "b", "a").Member("c0", "s", "t").Rack("c0", "a").Member("c1", "s", "t").Rack("c1", "b"),
            "c0: s-1 t-1; c1: s-0 t-0");

    [Test]
    public void Range_ignores_racks_that_hold_all_partitions() =>
        Expect(
            PartitionAssignors.Range,
            Scene().Topic("t", 2, "a,b").Member("c0", "t").Rack("c0", "b").Member("c1", "t").Rack("c1", "a"),
            "c0: t-0; c1: t-1");

    [Test]
    public void Round_robin_deals_in_turn() =>
        Expect(PartitionAssignors.RoundRobin, Scene().Topic("t0", 3).Topic("t1", 3).Member("c0", "t0", "t1").Member("c1", "t0", "t1"), "c0: t0-0 t0-2 t1-1; c1: t0-1 t1-0 t1-2");

    [Test]
    public void Round_robin_passes_over_members_without_the_topic() =>
        Expect(
            PartitionAssignors.RoundRobin,
            Scene().Topic("t0", 1).Topic("t1", 2).Topic("t2", 3).Member("c0", "t0").Member("c1", "t0", "t1").Member("c2", "t0", "t1", "t2"),
            "c0: t0-0; c1: t1-0; c2: t1-1 t2-0 t2-1 t2-2");

    [Test]
    public void Sticky_balances_what_round_robin_does_not() =>
        Expect(
            PartitionAssignors.Sticky,
            Scene().Topic("t0", 1).Topic("t1", 2).Topic("t2", 3).Member("c0", "t0").Member("c1", "t0", "t1").Member("c2", "t0", "t1", "t2"),
            "c0: t0-0; c1: t1-0 t1-1; c2: t2-0 t2-1 t2-2");

    [Test]
    public void Sticky_moves_only_what_a_lost_member_had()
    {
        AssignmentScene scene = Scene().Topic("t0", 2).Topic("t1", 2).Topic("t2", 2).Topic("t3", 2);
        scene.Member("c0", "t0", "t1", "t2", "t3").Member("c1", "t0", "t1", "t2", "t3").Member("c2", "t0", "t1", "t2", "t3");
        IReadOnlyDictionary<string, MemberAssignment> before = scene.Assign(PartitionAssignors.Sticky);
        Assert.That(AssignmentScene.Text(before), Is.EqualTo("c0: t0-0 t1-1 t3-0; c1: t0-1 t2-0 t3-1; c2: t1-0 t2-1"));

        scene.Members.Remove("c1");
        Expect(PartitionAssignors.Sticky, scene.Keep(PartitionAssignors.Sticky, before, 1), "c0: t0-0 t0-1 t1-1 t3-0; c2: t1-0 t2-0 t2-1 t3-1");
    }

    [Test]
    public void Sticky_believes_the_newest_generation()
    {
        AssignmentScene scene = Scene().Topic("t", 6).Member("a", "t").Member("b", "t");
        TopicPartition[] first = [.. Enumerable.Range(0, 3).Select(p => new TopicPartition("t", p))];
        scene.Members["a"] = Had("a", first, 1);
        scene.Members["b"] = Had("b", first, 2);

        Expect(PartitionAssignors.Sticky, scene, "a: t-3 t-4 t-5; b: t-0 t-1 t-2");
    }

    [Test]
    public void Sticky_reads_user_data_without_a_generation_and_overlooks_what_is_none()
    {
        ReadOnlyMemory<byte> current = StickyUserData.Write([new("t", 2), new("u", 0)], 7);

        Assert.That(StickyUserData.Read(current).Generation, Is.EqualTo(7));
        Assert.That(StickyUserData.Read(current[..^4]).Generation, Is.EqualTo(-1));
        Assert.That(StickyUserData.Read(current[..^4]).Partitions, Is.EqualTo(new TopicPartition[] { new("t", 2), new("u", 0) }));
        Assert.That(StickyUserData.Read(current[..9]).Partitions, Is.Empty);
        Assert.That(StickyUserData.Read(null).Partitions, Is.Empty);
    }

    [Test]
    public void Sticky_user_data_is_as_Java_writes_it() =>
        Assert.That(Convert.ToHexString(StickyUserData.Write([new("t", 2), new("t", 5)], 7).Span), Is.EqualTo("00000001" + "000174" + "00000002" + "00000002" + "00000005" + "00000007"));

    [Test]
    public void Cooperative_gives_a_partition_only_after_its_owner_has_let_go()
    {
        IPartitionAssignor assignor = PartitionAssignors.CooperativeSticky;
        AssignmentScene scene = Scene().Topic("t", 4).Member("a", "t");
        IReadOnlyDictionary<string, MemberAssignment> alone = scene.Assign(assignor);
        IReadOnlyDictionary<string, MemberAssignment> joined = scene.Member("b", "t").Keep(assignor, alone, 1).Assign(assignor);
        IReadOnlyDictionary<string, MemberAssignment> settled = scene.Keep(assignor, joined, 2).Assign(assignor);

        Assert.That(AssignmentScene.Text(joined), Is.EqualTo("a: t-0 t-1; b:"));
        Assert.That(AssignmentScene.Text(settled), Is.EqualTo("a: t-0 t-1; b: t-2 t-3"));
    }

    [Test]
    public void Cooperative_gives_what_two_members_claim_to_neither_at_once()
    {
        AssignmentScene scene = Scene().Topic("t", 2);
        scene.Members["a"] = new MemberSubscription { MemberId = "a", Topics = ["t"], OwnedPartitions = [new("t", 0)], Generation = 3 };
        scene.Members["b"] = new MemberSubscription { MemberId = "b", Topics = ["t"], OwnedPartitions = [new("t", 0)], Generation = 3 };

        Assert.That(scene.Assign(PartitionAssignors.CooperativeSticky).Values.SelectMany(m => m.Partitions), Is.EqualTo(new TopicPartition[] { new("t", 1) }));
    }

    [TestCaseSource(nameof(Scales))]
    public void Every_assignor_gives_everything_to_subscribers_once(int members, int partitions, int topics, int seed)
    {
        foreach (IPartitionAssignor assignor in new[] { PartitionAssignors.Range, PartitionAssignors.RoundRobin, PartitionAssignors.Sticky, PartitionAssignors.CooperativeSticky })
        {
            AssignmentScene scene = Random(members, partitions, topics, seed);
            scene.AssertComplete(scene.Assign(assignor));
        }
    }

    [TestCaseSource(nameof(Scales))]
    public void Sticky_shares_are_balanced_and_stay_put(int members, int partitions, int topics, int seed)
    {
        IPartitionAssignor sticky = PartitionAssignors.Sticky;
        AssignmentScene scene = Random(members, partitions, topics, seed);
        IReadOnlyDictionary<string, MemberAssignment> first = scene.Assign(sticky);
        scene.AssertBalanced(first);
        IReadOnlyDictionary<string, MemberAssignment> again = scene.Keep(sticky, first, 1).Assign(sticky);
        Assert.That(AssignmentScene.Text(again), Is.EqualTo(AssignmentScene.Text(first)), "nothing changed, so nothing moves");

        string gone = scene.Members.Keys.ElementAt(seed % scene.Members.Count);
        scene.Members.Remove(gone);
        if (scene.Members.Count > 0)
        {
            IReadOnlyDictionary<string, MemberAssignment> after = scene.Keep(sticky, first, 1).Assign(sticky);
            scene.AssertComplete(after);
            scene.AssertBalanced(after);
        }
    }

    [TestCaseSource(nameof(Scales))]
    public void Cooperative_rounds_never_overlap_and_come_to_a_balanced_end(int members, int partitions, int topics, int seed)
    {
        IPartitionAssignor assignor = PartitionAssignors.CooperativeSticky;
        AssignmentScene scene = Random(members, partitions, topics, seed);
        IReadOnlyDictionary<string, MemberAssignment> held = scene.Assign(assignor);
        foreach (string gone in scene.Members.Keys.Take(members / 3).ToList())
        {
            scene.Members.Remove(gone);
        }

        scene.Member("new", scene.Members.Count > 0 ? [.. scene.Members.Values.First().Topics] : ["t0"]);
        int rounds = 0;
        while (true)
        {
            IReadOnlyDictionary<string, MemberAssignment> next = scene.Keep(assignor, held, ++rounds).Assign(assignor);
            foreach ((string id, MemberAssignment given) in next)
            {
                IEnumerable<TopicPartition> added = given.Partitions.Except(scene.Members[id].OwnedPartitions);
                Assert.That(added.Intersect(scene.Members.Values.SelectMany(m => m.OwnedPartitions)), Is.Empty, "given while another holds it");
            }

            if (AssignmentScene.Text(next) == AssignmentScene.Text(held))
            {
                break;
            }

            held = next;
            Assert.That(rounds, Is.LessThan(6));
        }

        scene.AssertComplete(held);
        scene.AssertBalanced(held);
    }

    [Test]
    public void A_full_house_of_equal_members_moves_no_more_than_it_must()
    {
        IPartitionAssignor sticky = PartitionAssignors.Sticky;
        AssignmentScene scene = Scene().Topic("t", 2000);
        for (int i = 0; i < 199; i++)
        {
            scene.Member($"m{i:000}", "t");
        }

        IReadOnlyDictionary<string, MemberAssignment> before = scene.Assign(sticky);
        scene.Member("m199", "t");
        IReadOnlyDictionary<string, MemberAssignment> after = scene.Keep(sticky, before, 1).Assign(sticky);

        int stayed = before.Sum(m => m.Value.Partitions.Intersect(after[m.Key].Partitions).Count());
        Assert.That(stayed, Is.EqualTo(1990));
        scene.AssertBalanced(after);
    }

    [Test]
    public void A_subscription_keeps_all_fields_on_the_way()
    {
        var member = new MemberSubscription { MemberId = "m", Topics = ["b", "a"], OwnedPartitions = [new("a", 1), new("b", 0)], Generation = 5, RackId = "r", UserData = new byte[] { 1, 2 } };
        MemberSubscription read = ConsumerProtocol.ReadSubscription("m", "i", ConsumerProtocol.WriteSubscription(member));

        Assert.That(read.Topics, Is.EqualTo(member.Topics));
        Assert.That(read.OwnedPartitions, Is.EqualTo(member.OwnedPartitions));
        Assert.That((read.Generation, read.RackId, read.GroupInstanceId), Is.EqualTo((5, "r", "i")));
        Assert.That(read.UserData!.Value.ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [TestCase("0000" + "00000001" + "000174" + "FFFFFFFF", TestName = "Subscription_version_0_is_read")]
    [TestCase("0001" + "00000001" + "000174" + "FFFFFFFF" + "00000000", TestName = "Subscription_version_1_is_read")]
    [TestCase("0002" + "00000001" + "000174" + "FFFFFFFF" + "00000000" + "FFFFFFFF", TestName = "Subscription_version_2_is_read")]
    [TestCase("0001" + "00000001" + "000174" + "FFFFFFFF", TestName = "Subscription_version_1_with_the_fields_of_version_0_is_read")]
    [TestCase("0009" + "00000001" + "000174" + "FFFFFFFF" + "00000000" + "FFFFFFFF" + "FFFF" + "AABB", TestName = "Subscription_of_a_later_version_is_read")]
    public void Older_and_newer_subscriptions_are_read(string hex)
    {
        MemberSubscription read = ConsumerProtocol.ReadSubscription("m", null, Convert.FromHexString(hex));

        Assert.That(read.Topics, Is.EqualTo(new[] { "t" }));
        Assert.That((read.Generation, read.UserData.HasValue), Is.EqualTo((-1, false)));
    }

    [Test, Explicit("a measurement")]
    public void How_long_the_largest_group_takes()
    {
        foreach (int topics in new[] { 1, 40, 2000 })
        {
            AssignmentScene scene = Random(200, 2000, topics, 1);
            var watch = Stopwatch.StartNew();
            IReadOnlyDictionary<string, MemberAssignment> first = scene.Assign(PartitionAssignors.Sticky);
            TimeSpan cold = watch.Elapsed;
            scene.Keep(PartitionAssignors.CooperativeSticky, first, 1);
            watch.Restart();
            scene.Assign(PartitionAssignors.CooperativeSticky);
            TestContext.Out.WriteLine($"{topics} topics: first {cold.TotalMilliseconds:0.0} ms, again {watch.Elapsed.TotalMilliseconds:0.0} ms");
        }
    }

    private static IEnumerable<object[]> Scales()
    {
        (int Members, int Partitions, int Topics)[] sizes = [(1, 1, 1), (2, 1, 1), (1, 7, 3), (3, 10, 4), (7, 50, 5), (20, 20, 20), (13, 100, 1), (50, 500, 40), (200, 2000, 1), (200, 2000, 300)];
        return sizes.SelectMany(s => Enumerable.Range(1, s.Members >= 200 ? 1 : 6).Select(seed => new object[] { s.Members, s.Partitions, s.Topics, seed }));
    }

    /// <summary>Odd seeds: all subscribe to the same topics. Even ones: each to some.</summary>
    private static AssignmentScene Random(int members, int partitions, int topics, int seed)
    {
        var random = new Random(seed);
        AssignmentScene scene = Scene();
        for (int i = 0; i < topics; i++)
        {
            scene.Topic($"t{i}", (partitions / topics) + (i < partitions % topics ? 1 : 0));
        }

        for (int i = 0; i < members; i++)
        {
            scene.Member($"m{i}", [.. Enumerable.Range(0, topics).Where(_ => seed % 2 == 1 || random.Next(3) > 0).Select(t => $"t{t}")]);
        }

        return scene;
    }

    private static AssignmentScene Scene() => new();

    private static MemberSubscription Had(string id, IReadOnlyList<TopicPartition> partitions, int generation) =>
        new() { MemberId = id, Topics = ["t"], UserData = PartitionAssignors.Sticky.CreateUserData(new PreviousAssignment(["t"], partitions, generation, null)) };

    private static void Expect(IPartitionAssignor assignor, AssignmentScene scene, string expected)
    {
        IReadOnlyDictionary<string, MemberAssignment> result = scene.Assign(assignor);
        Assert.That(AssignmentScene.Text(result), Is.EqualTo(expected));
        scene.AssertComplete(result);
    }
}
