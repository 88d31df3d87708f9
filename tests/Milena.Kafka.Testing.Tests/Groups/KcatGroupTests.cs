using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Tests.Interop;
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

    /// <summary>A librdkafka with the new protocol; Debian's is too old.</summary>
    private static string Library => Environment.GetEnvironmentVariable("LIBRDKAFKA") is { Length: > 0 } named
        ? named
        : throw new IgnoreException("LIBRDKAFKA names no newer librdkafka (.ci/run builds one).");

    [OneTimeSetUp]
    public void FindKcat()
    {
        if (!Kcat.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }
    }

    [SetUp]
    public void CreateTopic() => Cluster.CreateTopic(Topic, Partitions);

    [TestCase("range")]
    [TestCase("cooperative-sticky")]
    public Task Classic_members_share_and_take_over(string assignor) =>
        SharesAndTakesOverAsync(() => Start(null, $"partition.assignment.strategy={assignor}", "session.timeout.ms=6000", "heartbeat.interval.ms=500"), "Classic");

    [TestCase("uniform")]
    [TestCase("range")]
    public Task Members_of_the_new_protocol_share_and_take_over(string assignor)
    {
        string library = Library;
        return SharesAndTakesOverAsync(() => Start(library, "group.protocol=consumer", $"group.remote.assignor={assignor}"), "Consumer");
    }

    [TestCase("range")]
    [TestCase("cooperative-sticky")]
    public async Task A_group_migrates_to_the_new_protocol_and_back(string assignor)
    {
        string library = Library;
        await using LiveProcess old = Start(null, $"partition.assignment.strategy={assignor}", "session.timeout.ms=6000", "heartbeat.interval.ms=500");
        await ReadsAllAsync([old]);
        Assert.That((await ListedAsync()).GroupType, Is.EqualTo("Classic"));

        await using (LiveProcess modern = Start(library, "group.protocol=consumer"))
        {
            await AllTakePartAsync([old, modern]);
            Assert.That((await ListedAsync()).GroupType, Is.EqualTo("Consumer"));
            await modern.KillAsync();
        }

        await ReadsAllAsync([old]);
        Assert.That((await ListedAsync()).GroupType, Is.EqualTo("Classic"));
    }

    /// <summary>Starts a member of the group; its lines are partition, offset and value.</summary>
    private LiveProcess Start(string? library, params string[] settings) => LiveProcess.Start(
        OutsideProcess.Find("kcat")!,
        library,
        [
            "-b", Cluster.BootstrapServers, "-G", GroupCalls.Group, "-q", "-u", "-f", "%p %o %s\n", "-X", "auto.offset.reset=earliest",
            .. settings.SelectMany(setting => new[] { "-X", setting }),
            Topic,
        ]);

    private async Task SharesAndTakesOverAsync(Func<LiveProcess> start, string type)
    {
        await using LiveProcess first = start();
        await ReadsAllAsync([first]);
        Assert.That((await ListedAsync()).GroupType, Is.EqualTo(type));
        await using LiveProcess second = start();
        await AllTakePartAsync([first, second]);
        int alone = second.Lines.Count;
        await ReadsAllAsync([first, second]);

        // Now that the group is at rest, each record goes to one of them.
        Assert.That(first.Lines.Intersect(second.Lines.Skip(alone)), Is.Empty);
        await first.KillAsync();
        await ReadsAllAsync([second]);
    }

    /// <summary>Writes a record into each partition and waits until the members have read it.</summary>
    private async Task ReadsAllAsync(LiveProcess[] members)
    {
        string value = await WriteAsync();
        await WaitAllAsync(members, () => members.SelectMany(member => member.Lines).Where(line => line.EndsWith($" {value}", StringComparison.Ordinal)).Distinct().Count() == Partitions);
    }

    /// <summary>Writes records until every member has read one of them: then the group has found its shares.</summary>
    private async Task AllTakePartAsync(LiveProcess[] members)
    {
        while (!members.All(member => member.Lines.Any(line => line.EndsWith($" {_written}", StringComparison.Ordinal))))
        {
            await ReadsAllAsync(members);
        }
    }

    private async Task WaitAllAsync(LiveProcess[] members, Func<bool> condition)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Bound);
        Task first = await Task.WhenAny(members.Select(member => member.UntilAsync(_ => condition(), enough.Token)));
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
