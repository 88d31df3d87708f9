using System.Globalization;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

/// <summary><c>milena verify consume</c>, judged by its lines: an ordered end by either signal, a crash, members that come and go.</summary>
[CancelAfter(120_000)]
public class VerifyConsumeCommandTests
{
    [Test]
    public async Task A_signal_ends_it_in_good_order_and_a_successor_goes_on_without_a_gap_or_a_double(
        [Values("INT", "TERM")] string signal, [Values("classic", "consumer", "auto")] string protocol, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 2, records: 200, cancellationToken);
        ConsumptionChecker first;
        await using (LiveProcess member = Start(cluster, "--protocol", protocol, "--process-time", "5"))
        {
            await member.UntilAsync(lines => CountRecords(lines) >= 20, cancellationToken);
            Assert.That(await member.EndAsync(cancellationToken, signal), Is.EqualTo(130), member.Errors);
            first = new ConsumptionChecker(member.Lines);
        }

        Assert.That(first.Events[0], Is.EqualTo("assigned"));
        Assert.That(first.Events[^1], Is.EqualTo("revoked"));
        Assert.That(first.Owned, Is.Empty);
        Assert.That(first.Committed.Where(c => c.Value > 0), Is.EquivalentTo(first.Records.GroupBy(r => r.Partition).ToDictionary(g => g.Key, g => g.Max(r => r.Offset) + 1)), "all that was processed is committed");

        ConsumptionChecker second = await ReadAsync(cluster, 200 - first.Records.Count, cancellationToken, "--protocol", protocol);
        Assert.That(first.Records.Concat(second.Records), Is.EquivalentTo(Stored(cluster)));
    }

    [Test]
    public async Task After_a_crash_a_successor_begins_where_the_commits_ended([Values("classic", "consumer")] string protocol, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 2, records: 3000, cancellationToken);

        // A static member's partitions go to its successor at once; others are waited for until the session ends.
        string[] arguments = protocol == "classic" ? ["--protocol", "classic", "--static-id", "a"] : ["--protocol", "consumer"];
        ConsumptionChecker first;
        await using (LiveProcess member = Start(cluster, [.. arguments, "--process-time", "3"]))
        {
            await member.UntilAsync(lines => lines.Any(l => l.Contains("\"commit\"", StringComparison.Ordinal)), cancellationToken);
            await member.KillAsync();

            // The last line may be cut off.
            first = new ConsumptionChecker(member.Lines.Where(l => l.EndsWith('}')));
        }

        Assert.That(first.Events, Has.None.EqualTo("revoked").And.None.EqualTo("lost"));
        await using LiveProcess successor = Start(cluster, arguments);
        await successor.UntilAsync(lines => Enumerable.Range(0, 2).All(p => first.Records.Any(r => IsLast(cluster, r.Partition, r.Offset, p)) || lines.Any(l => l.Contains(LastOf(cluster, p), StringComparison.Ordinal))), cancellationToken);
        Assert.That(await successor.EndAsync(cancellationToken), Is.EqualTo(130), successor.Errors);
        var second = new ConsumptionChecker(successor.Lines);
        Assert.That(first.Records.Concat(second.Records).Distinct(), Is.EquivalentTo(Stored(cluster)), "nothing is lost");
        foreach (IGrouping<int, (int Partition, long Offset, string? Value)> partition in second.Records.GroupBy(r => r.Partition))
        {
            Assert.That(partition.First().Offset, Is.AtLeast(first.Committed.GetValueOrDefault(partition.Key)), "doubles are only what was not committed");
        }
    }

    [TestCase("classic", "cooperative-sticky")]
    [TestCase("classic", "range,roundrobin")]
    [TestCase("consumer", "uniform")]
    [TestCase("auto", null)]
    public async Task Members_that_come_and_go_share_all_records_and_none_breaks_a_rule(string protocol, string? assignor, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 4, records: 1000, cancellationToken);
        string[] arguments = assignor is null ? ["--protocol", protocol] : ["--protocol", protocol, "--assignor", assignor];
        await using LiveProcess a = Start(cluster, [.. arguments, "--process-time", "2"]);
        await a.UntilAsync(lines => CountRecords(lines) > 10, cancellationToken);
        await using LiveProcess b = Start(cluster, [.. arguments, "--process-time", "2"]);
        await b.UntilAsync(lines => CountRecords(lines) > 10, cancellationToken);
        Assert.That(await a.EndAsync(cancellationToken), Is.EqualTo(130), a.Errors);
        var first = new ConsumptionChecker(a.Lines);
        await b.UntilAsync(lines => CountRecords(lines) >= 1000 - first.Records.Count, cancellationToken);
        Assert.That(await b.EndAsync(cancellationToken), Is.EqualTo(130), b.Errors);
        var second = new ConsumptionChecker(b.Lines);

        Assert.That(first.Records.Concat(second.Records), Is.EquivalentTo(Stored(cluster)));
    }

    [Test]
    public async Task A_member_that_is_fenced_says_what_it_lost_and_exits_with_2(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(partitions: 1, records: 10, cancellationToken);
        string[] arguments = ["--protocol", "classic", "--static-id", "a"];
        await using LiveProcess older = Start(cluster, arguments);
        await older.UntilAsync(lines => CountRecords(lines) == 10, cancellationToken);
        await using LiveProcess newer = Start(cluster, arguments);
        Assert.That(await older.WhenEndedAsync(cancellationToken), Is.EqualTo(2));

        Assert.That(older.Errors, Does.Contain("GroupInstanceId").Or.Contain("instance"));
        Assert.That(new ConsumptionChecker(older.Lines).Events[^1], Is.EqualTo("lost"));
        Assert.That(await newer.EndAsync(cancellationToken), Is.EqualTo(130), newer.Errors);
    }

    private static async Task<TestCluster> StartAsync(int partitions, int records, CancellationToken cancellationToken)
    {
        var options = new TestClusterOptions { ConsumerGroupSessionTimeout = TimeSpan.FromSeconds(5), ConsumerGroupHeartbeatInterval = TimeSpan.FromMilliseconds(100) };
        TestCluster cluster = await TestCluster.StartAsync(1, options, cancellationToken);
        cluster.CreateTopic("t", partitions);
        string[] arguments = ["verify", "produce", "t", "-b", cluster.BootstrapServers, "--count", records.ToString(CultureInfo.InvariantCulture), "--size", "20", "--keys", "50"];
        (await Milena.RunAsync("", cancellationToken, arguments)).EnsureSuccess();
        return cluster;
    }

    private static LiveProcess Start(TestCluster cluster, params string[] arguments) =>
        LiveProcess.Start(Milena.Host, [Milena.Assembly, "verify", "consume", "t", "-b", cluster.BootstrapServers, "--group", "g", "--json", .. arguments]);

    /// <summary>Runs a member until it has so many records, and ends it.</summary>
    private static async Task<ConsumptionChecker> ReadAsync(TestCluster cluster, int records, CancellationToken cancellationToken, params string[] arguments)
    {
        await using LiveProcess member = Start(cluster, arguments);
        await member.UntilAsync(lines => CountRecords(lines) >= records, cancellationToken);
        Assert.That(await member.EndAsync(cancellationToken), Is.EqualTo(130), member.Errors);
        return new ConsumptionChecker(member.Lines);
    }

    private static bool IsLast(TestCluster cluster, int partition, long offset, int wanted) => partition == wanted && offset == cluster.EndOffset("t", wanted) - 1;

    private static string LastOf(TestCluster cluster, int partition) => $"\"partition\":{partition},\"offset\":{cluster.EndOffset("t", partition) - 1},";

    private static int CountRecords(IReadOnlyCollection<string> lines) => lines.Count(l => l.StartsWith("{\"event\":\"record\"", StringComparison.Ordinal));

    private static IEnumerable<(int, long, string?)> Stored(TestCluster cluster) =>
        Enumerable.Range(0, cluster.PartitionCount("t")).SelectMany(p => cluster.Records("t", p).Select(r => (p, r.Offset, (string?)System.Text.Encoding.UTF8.GetString(r.Value!.Value.Span))));
}
