namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Members of a group on the embedded cluster: joining, leaving, committing.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class GroupConsumeTests : GroupTest
{
    public GroupConsumeTests(GroupProtocol protocol) => Protocol = protocol;

    [Test]
    public async Task A_lone_member_reads_everything_and_its_successor_goes_on_behind_it(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 3);
        await StoreAllAsync(3, 0, 10);
        await using (GroupMemberRig first = Member("first").Start())
        {
            await first.UntilAsync(_ => Seen.Count == 30, cancellationToken);
            Assert.That(first.Calls, Is.EqualTo(new[] { "assigned 0 1 2" }));
        }

        Assert.That(await CommittedAsync(3), Is.EqualTo(new long[] { 10, 10, 10 }));
        await StoreAllAsync(3, 10, 5);
        await using GroupMemberRig second = Member("second").Start();
        await second.UntilAsync(_ => Seen.Count == 45, cancellationToken);
        AssertAllSeen(3, 15);
        Assert.That(Seen, Has.Count.EqualTo(45));
    }

    [Test]
    public async Task Members_share_and_take_over([Values("range", "roundrobin", "sticky", "cooperative-sticky")] string assignor, CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 6);
        await StoreAllAsync(6, 0, 20);
        IPartitionAssignor chosen = Named(assignor);
        await using GroupMemberRig a = Member("a", o => Only(o, chosen)).Start();
        await a.UntilAsync(m => m.Owned.Count == 6, cancellationToken);
        await using GroupMemberRig b = Member("b", o => Only(o, chosen)).Start();
        await b.UntilAsync(m => m.Owned.Count == 3, cancellationToken);
        await a.UntilAsync(m => m.Owned.Count == 3, cancellationToken);
        Assert.That(a.Owned.Intersect(b.Owned), Is.Empty);

        await a.DisposeAsync();
        await b.UntilAsync(m => m.Owned.Count == 6, cancellationToken);
        await StoreAllAsync(6, 20, 5);
        await b.UntilAsync(_ => Log.Finished == 150, cancellationToken);
        await b.DisposeAsync();
        AssertAllSeen(6, 25);
        Assert.That(Seen, Has.Count.EqualTo(150), "nobody crashed, so nothing comes twice");
        Assert.That(await CommittedAsync(6), Is.All.EqualTo(25L));
    }

    [Test]
    public async Task A_cooperative_member_keeps_what_does_not_move(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 4);
        await using GroupMemberRig a = Member("a", o => Only(o, PartitionAssignors.CooperativeSticky)).Start();
        await a.UntilAsync(m => m.Owned.Count == 4, cancellationToken);
        await using GroupMemberRig b = Member("b", o => Only(o, PartitionAssignors.CooperativeSticky)).Start();
        await b.UntilAsync(m => m.Owned.Count == 2, cancellationToken);

        // Which two go is the assignor's business.
        Assert.That(a.Calls.Where(c => c.StartsWith("revoked", StringComparison.Ordinal)), Is.EqualTo(new[] { IsClassic ? "revoked 2 3" : "revoked 0 1" }));
    }

    private static IPartitionAssignor Named(string name) =>
        new[] { PartitionAssignors.Range, PartitionAssignors.RoundRobin, PartitionAssignors.Sticky, PartitionAssignors.CooperativeSticky }.Single(a => a.Name == name);
}
