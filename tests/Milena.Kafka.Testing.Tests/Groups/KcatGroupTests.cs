using System.ComponentModel;
using System.Diagnostics;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>librdkafka as a member of groups: of the classic protocol, of the new one, and of both at once.</summary>
[CancelAfter(90_000)]
internal sealed class KcatGroupTests : ClusterTest
{
    private const int Partitions = 6;

    private int _written;

    protected override int Brokers => 2;

    protected override TestClusterOptions Options => new() { ConsumerGroupSessionTimeout = TimeSpan.FromSeconds(6) };

    [OneTimeSetUp]
    public async Task FindKcatAsync()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("kcat", "-V") { RedirectStandardOutput = true })!;
            await process.WaitForExitAsync(Bound);
        }
        catch (Win32Exception)
        {
            Assert.Ignore("kcat is not installed (apt-get install kcat).");
        }
    }

    [SetUp]
    public void CreateTopic() => Cluster.CreateTopic(Topic, Partitions);

    [TestCase("range")]
    [TestCase("cooperative-sticky")]
    public Task Classic_members_share_and_take_over(string assignor) =>
        SharesAndTakesOverAsync(() => KcatMember.Start(Cluster, null, $"partition.assignment.strategy={assignor}", "session.timeout.ms=6000", "heartbeat.interval.ms=500"), "Classic");

    [TestCase("uniform")]
    [TestCase("range")]
    public Task Members_of_the_new_protocol_share_and_take_over(string assignor)
    {
        string library = KcatMember.NewerLibrary;
        return SharesAndTakesOverAsync(() => KcatMember.Start(Cluster, library, "group.protocol=consumer", $"group.remote.assignor={assignor}"), "Consumer");
    }

    [TestCase("range")]
    [TestCase("cooperative-sticky")]
    public async Task A_group_migrates_to_the_new_protocol_and_back(string assignor)
    {
        string library = KcatMember.NewerLibrary;
        await using KcatMember old = KcatMember.Start(Cluster, null, $"partition.assignment.strategy={assignor}", "session.timeout.ms=6000", "heartbeat.interval.ms=500");
        await ReadsAllAsync([old]);
        Assert.That((await ListedAsync()).GroupType, Is.EqualTo("Classic"));

        await using (KcatMember modern = KcatMember.Start(Cluster, library, "group.protocol=consumer"))
        {
            await AllTakePartAsync([old, modern]);
            Assert.That((await ListedAsync()).GroupType, Is.EqualTo("Consumer"));
            await modern.KillAsync(Bound);
        }

        await ReadsAllAsync([old]);
        Assert.That((await ListedAsync()).GroupType, Is.EqualTo("Classic"));
    }

    private async Task SharesAndTakesOverAsync(Func<KcatMember> start, string type)
    {
        await using KcatMember first = start();
        await ReadsAllAsync([first]);
        Assert.That((await ListedAsync()).GroupType, Is.EqualTo(type));
        await using KcatMember second = start();
        await AllTakePartAsync([first, second]);
        int alone = second.Lines.Count;
        await ReadsAllAsync([first, second]);

        // Now that the group is at rest, each record goes to one of them.
        Assert.That(first.Lines.Intersect(second.Lines.Skip(alone)), Is.Empty);
        await first.KillAsync(Bound);
        await ReadsAllAsync([second]);
    }

    /// <summary>Writes a record into each partition and waits until the members have read it.</summary>
    private async Task ReadsAllAsync(KcatMember[] members)
    {
        string value = await WriteAsync();
        await WaitAllAsync(members, () => members.SelectMany(member => member.Lines).Where(line => line.EndsWith($" {value}", StringComparison.Ordinal)).Distinct().Count() == Partitions);
    }

    /// <summary>Writes records until every member has read one of them: then the group has found its shares.</summary>
    private async Task AllTakePartAsync(KcatMember[] members)
    {
        while (!members.All(member => member.Lines.Any(line => line.EndsWith($" {_written}", StringComparison.Ordinal))))
        {
            await ReadsAllAsync(members);
        }
    }

    private async Task WaitAllAsync(KcatMember[] members, Func<bool> condition)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Bound);
        Task first = await Task.WhenAny(members.Select(member => member.WaitAsync(_ => condition(), enough.Token)));
        await first;
        await enough.CancelAsync();
    }

    private async Task<string> WriteAsync()
    {
        string value = $"{++_written}";
        for (int partition = 0; partition < Partitions; partition++)
        {
            using RawClient leader = await RawClient.ConnectAsync(Cluster, Cluster.Leader(Topic, partition), Bound);
            await leader.ProduceAsync(Batch(BatchProducer.None, value), Bound, partition);
        }

        return value;
    }

    private async Task<ListGroupsResponse.ListedGroup> ListedAsync()
    {
        using RawClient coordinator = await RawClient.ConnectAsync(Cluster, Cluster.Coordinator(GroupCalls.Group), Bound);
        return (await coordinator.ListedAsync())!;
    }
}
