using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Tests.Consumer.Groups;

namespace Milena.Kafka.Tests.Interop;

/// <summary>Our members in one group with those of kcat (librdkafka) and kafkajs: each reads its share, and takes over what another leaves.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(120_000)]
public class MixedGroupTests : GroupTest
{
    private const int Partitions = 6;

    [Test]
    public async Task Kcat_joins_and_leaves([Values("range", "roundrobin", "cooperative-sticky")] string assignor, [Values] bool isKilled, CancellationToken cancellationToken)
    {
        if (!Kcat.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        await StartAsync(brokers: 2, partitions: Partitions);
        IPartitionAssignor chosen = new[] { PartitionAssignors.Range, PartitionAssignors.RoundRobin, PartitionAssignors.CooperativeSticky }.Single(a => a.Name == assignor);
        await using GroupMemberRig a = Member("a", o => Only(o, chosen)).Start();
        await using GroupMemberRig b = Member("b", o => Only(o, chosen)).Start();
        await StoreAllAsync(Partitions, 0, 20);
        await using LiveProcess kcat = KcatMember.Start(
            Cluster.BootstrapServers, Group, Topic, isNew: false, $"partition.assignment.strategy={assignor}", "session.timeout.ms=6000", "heartbeat.interval.ms=200");
        await Task.WhenAll(a.UntilAsync(m => m.Owned.Count == 2, cancellationToken), b.UntilAsync(m => m.Owned.Count == 2, cancellationToken));
        await UntilStableAsync(3, cancellationToken);
        await StoreAllAsync(Partitions, 20, 20);
        await Task.WhenAll(new[] { a, b }.Select(m => m.UntilAsync(x => x.Owned.All(p => Seen.Contains((x.Name, p, 39))), cancellationToken)));
        // kcat drops the record that it has in its hands when it is interrupted, and commits it all the same; killed, it may be in the middle of its share.
        await kcat.UntilAsync(lines => isKilled ? lines.Count > 0 : Everything(lines).Distinct().Count() == Partitions * 40, cancellationToken);

        await (isKilled ? kcat.KillAsync() : kcat.EndAsync(cancellationToken));
        await Task.WhenAll(a.UntilAsync(m => m.Owned.Count == 3, cancellationToken), b.UntilAsync(m => m.Owned.Count == 3, cancellationToken));
        await StoreAllAsync(Partitions, 40, 20);
        try
        {
            await a.UntilAsync(_ => Everything(kcat.Lines).Distinct().Count() == Partitions * 60, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            string[] missing = [.. Enumerable.Range(0, Partitions * 60).Select(i => (i / 60, (long)i % 60)).Except(Everything(kcat.Lines)).Select(r => $"{r.Item1}@{r.Item2}")];
            Assert.Fail($"Nobody has read {string.Join(' ', missing)}; kcat {string.Join(' ', kcat.Lines.Select(l => l.Replace(' ', '@')))}; {string.Join('\n', kcat.Errors)}; a {string.Join(", ", a.Calls)}; b {string.Join(", ", b.Calls)}");
        }

        Assert.That(kcat.Lines, Is.Not.Empty);
        Assert.That(Everything([]).Count(), Is.EqualTo(Everything([]).Distinct().Count()), "our members have read nothing twice");
    }

    [Test]
    public async Task Librdkafka_joins_and_leaves_a_group_of_the_new_protocol([Values("uniform", "range")] string assignor, [Values] bool isKilled, CancellationToken cancellationToken)
    {
        if (!Kcat.IsAvailable(out string reason) || !KcatMember.CanBeNew(out reason))
        {
            Assert.Ignore(reason);
        }

        await StartAsync(brokers: 2, partitions: Partitions);
        void Choose(ConsumerOptions options)
        {
            var defaults = new ConsumerOptions();
            options.GroupProtocol = GroupProtocol.Consumer;
            options.GroupRemoteAssignor = assignor;
            (options.SessionTimeout, options.HeartbeatInterval) = (defaults.SessionTimeout, defaults.HeartbeatInterval);
        }

        await using GroupMemberRig a = Member("a", Choose).Start();
        await using GroupMemberRig b = Member("b", Choose).Start();
        await StoreAllAsync(Partitions, 0, 20);
        int stored = 20;
        for (int round = 0; round < 2; round++)
        {
            await using LiveProcess kcat = KcatMember.Start(
                Cluster.BootstrapServers, Group, Topic, isNew: true, "auto.commit.interval.ms=100", $"group.remote.assignor={assignor}");
            await Task.WhenAll(a.UntilAsync(m => m.Owned.Count == 2, cancellationToken), b.UntilAsync(m => m.Owned.Count == 2, cancellationToken));
            await StoreAllAsync(Partitions, stored, 20);
            stored += 20;
            int last = stored - 1;
            await kcat.UntilAsync(lines => lines.Count(l => l.EndsWith($" {last}", StringComparison.Ordinal)) == 2, cancellationToken);
            int[] theirs = [.. kcat.Lines.Where(l => l.EndsWith($" {last}", StringComparison.Ordinal)).Select(l => int.Parse(l.Split(' ')[0], CultureInfo.InvariantCulture))];
            Assert.That(a.Owned.Concat(b.Owned).Select(p => p.Partition).Concat(theirs).Order(), Is.EqualTo(Enumerable.Range(0, Partitions)), "each partition has one owner");

            await (isKilled ? kcat.KillAsync() : kcat.EndAsync(cancellationToken));
            await Task.WhenAll(a.UntilAsync(m => m.Owned.Count == 3, cancellationToken), b.UntilAsync(m => m.Owned.Count == 3, cancellationToken));
            await StoreAllAsync(Partitions, stored, 20);
            stored += 20;
            await a.UntilAsync(_ => Everything(kcat.Lines).Distinct().Count(r => r.Offset >= stored - 40) == Partitions * 40, cancellationToken);
        }

        Assert.That(Everything([]).Count(), Is.EqualTo(Everything([]).Distinct().Count()), "our members have read nothing twice");
        Assert.That(Log.Breaches, Is.Empty);
    }

    [Test]
    public async Task Kafkajs_joins_and_leaves(CancellationToken cancellationToken)
    {
        if (!NodeClient.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        await StartAsync(brokers: 2, partitions: Partitions);
        await using GroupMemberRig a = Member("a", o => Only(o, new NamedAsKafkajs())).Start();
        await a.UntilAsync(m => m.Owned.Count == Partitions, cancellationToken);
        Task<IReadOnlyList<NodeRecord>> reading = NodeClient.ConsumeAsync(Cluster.BootstrapServers, Topic, Group, Partitions / 2 * 20, TimeSpan.FromSeconds(90), cancellationToken);
        await a.UntilAsync(m => m.Owned.Count == Partitions / 2, cancellationToken);
        await StoreAllAsync(Partitions, 0, 20);
        IReadOnlyList<NodeRecord> theirs = await reading;
        await a.UntilAsync(m => m.Owned.Count == Partitions, cancellationToken);
        await StoreAllAsync(Partitions, 20, 20);
        string[] lines = [.. theirs.Select(r => $"{r.Partition} {r.Offset}")];
        await a.UntilAsync(_ => Everything(lines).Distinct().Count() == Partitions * 40, cancellationToken);

        Assert.That(lines.Select(l => l.Split(' ')[0]).Distinct().Count(), Is.EqualTo(Partitions / 2), "kafkajs has read its share");
    }

    private IEnumerable<(int Partition, long Offset)> Everything(IEnumerable<string> lines) =>
        Seen.Select(s => (s.Partition.Partition, s.Offset)).Concat(lines.Select(l => l.Split(' ')).Select(l =>
            (int.Parse(l[0], CultureInfo.InvariantCulture), long.Parse(l[1], CultureInfo.InvariantCulture))));

    /// <summary>Waits for the heartbeats of a group until all of its members have their assignment.</summary>
    private async Task UntilStableAsync(int members, CancellationToken cancellationToken)
    {
        while (await DescribeGroupAsync() is not { GroupState: "Stable" } group || group.Members.Count != members)
        {
            await Cluster.WaitForAsync(ApiKey.Heartbeat, Cluster.ReceivedCount(ApiKey.Heartbeat) + 1, cancellationToken);
        }
    }

    /// <summary>kafkajs offers one assignor, by a name of its own.</summary>
    private sealed class NamedAsKafkajs : IPartitionAssignor
    {
        public string Name => "RoundRobinAssigner";

        public IReadOnlyDictionary<string, MemberAssignment> Assign(AssignmentRequest request) => PartitionAssignors.RoundRobin.Assign(request);
    }
}
