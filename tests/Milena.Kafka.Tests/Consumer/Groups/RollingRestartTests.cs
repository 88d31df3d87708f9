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
}
