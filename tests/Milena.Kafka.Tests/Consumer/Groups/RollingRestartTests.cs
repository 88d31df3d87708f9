using System.Diagnostics;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>A group whose members come and go without end while records are stored.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(120_000)]
public class RollingRestartTests : GroupTest
{
    private const int Partitions = 10;
    private const int Members = 5;
    private const int Restarts = 50;
    private const int PerRestart = 4;

    public RollingRestartTests(GroupProtocol protocol) => Protocol = protocol;

    [TestCase("range", false)]
    [TestCase("cooperative-sticky", false)]
    [TestCase("cooperative-sticky", true)]
    public async Task Fifty_restarts_lose_nothing_and_commits_never_go_back(string assignor, bool isStatic, CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3, partitions: Partitions);
        IPartitionAssignor chosen = assignor == "range" ? PartitionAssignors.Range : PartitionAssignors.CooperativeSticky;
        GroupMemberRig Start(int place) => Member($"m{place}", o =>
        {
            Only(o, chosen);
            o.GroupInstanceId = isStatic ? $"place-{place}" : null;
        }).Start();

        GroupMemberRig[] members = [.. Enumerable.Range(0, Members).Select(Start)];
        Task storing = Task.CompletedTask;
        for (int restart = 0; restart < Restarts; restart++)
        {
            int place = restart % Members;
            await members[place].UntilAsync(m => m.Calls.Count > 0, cancellationToken);
            await storing;
            storing = StoreAllAsync(Partitions, restart * PerRestart, PerRestart);
            await members[place].DisposeAsync();
            members[place] = Start(place);
        }

        await storing;
        const int perPartition = Restarts * PerRestart;
        await members[0].UntilAsync(_ => Log.Finished == perPartition * Partitions, cancellationToken);
        await Task.WhenAll(members.Select(m => m.DisposeAsync().AsTask()));

        AssertAllSeen(Partitions, perPartition);
        Assert.That(await CommittedAsync(Partitions), Is.All.EqualTo((long)perPartition));
        Assert.That(Log.Breaches, Is.Empty);
        Assert.That(Seen, Has.Count.EqualTo(perPartition * Partitions), "all left in good order, so nothing comes twice");
    }

    [Test, Explicit("a measurement")]
    public async Task How_long_ten_members_and_a_thousand_partitions_take(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3, partitions: 1000);
        foreach (IPartitionAssignor assignor in new[] { PartitionAssignors.Range, PartitionAssignors.CooperativeSticky })
        {
            var watch = Stopwatch.StartNew();
            GroupMemberRig[] members = [.. Enumerable.Range(0, 10).Select(i => Member($"m{i}", o =>
            {
                o.GroupId = $"group-{assignor.Name}";
                Only(o, assignor);
            }).Start())];
            await Task.WhenAll(members.Select(m => m.UntilAsync(x => x.Owned.Count == 100, cancellationToken)));
            TestContext.Out.WriteLine($"{assignor.Name}: from nothing to ten members of 100 each in {watch.ElapsedMilliseconds} ms");
            watch.Restart();
            await members[9].DisposeAsync();
            await Task.WhenAll(members.Take(9).Select(m => m.UntilAsync(x => x.Owned.Count >= 111, cancellationToken)));
            TestContext.Out.WriteLine($"{assignor.Name}: one leaves, nine have all in {watch.ElapsedMilliseconds} ms");
            watch.Restart();
            await using GroupMemberRig late = Member("late", o =>
            {
                o.GroupId = $"group-{assignor.Name}";
                Only(o, assignor);
            }).Start();
            await Task.WhenAll(members.Take(9).Append(late).Select(m => m.UntilAsync(x => x.Owned.Count == 100, cancellationToken)));
            TestContext.Out.WriteLine($"{assignor.Name}: one joins, ten have 100 each in {watch.ElapsedMilliseconds} ms");
            await Task.WhenAll(members.Select(m => m.DisposeAsync().AsTask()));
        }
    }
}
