using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Tests.Consumer.Groups;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>Groups whose members come, go, crash and change their protocol while records are stored all the time: nothing is lost, and nothing comes again that was committed.</summary>
[TestFixture(ClusterKind.Embedded)]
[TestFixture(ClusterKind.Outside)]
[TestFixture(ClusterKind.Home)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(400_000)]
public class GroupLifeTests(ClusterKind kind)
{
    private const int Partitions = 10;
    private const int PerStep = 40;

    private readonly GroupLog _log = new();
    private readonly string _group = $"e2e-{Guid.NewGuid():N}";
    private ClusterUnderTest _cluster = null!;
    private string _topic = null!;

    private KafkaClient Kafka { get; set; } = null!;

    [SetUp]
    public async Task StartAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        _cluster = await ClusterUnderTest.StartAsync(kind, patience.Token);
        Kafka = new KafkaClient(_cluster.BootstrapServers);
        _topic = await _cluster.CreateTopicAsync(Kafka, Partitions, patience.Token);
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (Kafka is not null)
        {
            await Kafka.DisposeAsync();
            await _cluster.DisposeAsync();
        }
    }

    [TestCase(GroupProtocol.Classic)]
    [TestCase(GroupProtocol.Consumer)]
    public async Task Fifty_rolling_restarts_of_five_members(GroupProtocol protocol, CancellationToken cancellationToken)
    {
        const int restarts = 50;
        await using var load = new GroupLoad(Kafka, _topic, _log);
        GroupMemberRig[] members = [.. Enumerable.Range(0, 5).Select(i => Member($"m{i}", protocol).Start())];
        for (int restart = 0; restart < restarts; restart++)
        {
            int place = restart % members.Length;
            int enough = _log.Finished + PerStep;
            await members[place].UntilAsync(_ => _log.Finished >= enough, cancellationToken);
            await members[place].DisposeAsync();
            members[place] = Member($"m{place}.{restart}", protocol).Start();
        }

        await EndAsync(load, members, cancellationToken);
    }

    [Test]
    public async Task Members_are_replaced_one_by_one_by_those_of_the_other_protocol_and_back(CancellationToken cancellationToken)
    {
        await using var load = new GroupLoad(Kafka, _topic, _log);
        var members = new GroupMemberRig[3];
        foreach (GroupProtocol wave in new[] { GroupProtocol.Classic, GroupProtocol.Consumer, GroupProtocol.Classic })
        {
            for (int i = 0; i < members.Length; i++)
            {
                if (members[i] is { } old)
                {
                    await old.DisposeAsync();
                }

                members[i] = Member($"{wave}{i}", wave).Start();
                await UntilTakenInAsync(members[i], cancellationToken);
            }

            await members[0].UntilAsync(_ => members.SelectMany(m => m.Owned).Count() == Partitions, cancellationToken);
            int enough = _log.Finished + PerStep;
            await members[0].UntilAsync(_ => _log.Finished >= enough, cancellationToken);
        }

        await EndAsync(load, members, cancellationToken);
    }

    [TestCase(GroupProtocol.Classic)]
    [TestCase(GroupProtocol.Consumer)]
    public async Task A_member_of_librdkafka_comes_and_crashes(GroupProtocol protocol, CancellationToken cancellationToken)
    {
        bool isNew = protocol == GroupProtocol.Consumer;
        if (!Kcat.IsAvailable(out string reason) || (isNew && !KcatMember.CanBeNew(out reason)))
        {
            Assert.Ignore(reason);
        }

        await using var load = new GroupLoad(Kafka, _topic, _log);
        GroupMemberRig[] members = [Member("a", protocol).Start(), Member("b", protocol).Start()];
        await members[0].UntilAsync(_ => members.All(m => m.Owned.Count == Partitions / 2), cancellationToken);
        string[] settings = isNew ? ["auto.commit.interval.ms=100"] : ["auto.commit.interval.ms=100", "partition.assignment.strategy=range", "session.timeout.ms=6000", "heartbeat.interval.ms=500"];
        await using LiveProcess kcat = KcatMember.Start(_cluster.BootstrapServers, _group, _topic, isNew, settings);
        await kcat.UntilAsync(lines => lines.Count >= PerStep, cancellationToken);
        await kcat.KillAsync();
        foreach (string[] line in kcat.Lines.Select(l => l.Split(' ')))
        {
            _log.See(new TopicPartition(_topic, int.Parse(line[0], CultureInfo.InvariantCulture)), long.Parse(line[1], CultureInfo.InvariantCulture));
        }

        await members[0].UntilAsync(_ => members.Sum(m => m.Owned.Count) == Partitions, cancellationToken);
        await EndAsync(load, members, cancellationToken);
    }

    /// <summary>Waits until a member has partitions. A cluster that somebody else runs may keep its groups from changing their protocol.</summary>
    private async Task UntilTakenInAsync(GroupMemberRig member, CancellationToken cancellationToken)
    {
        try
        {
            await member.UntilAsync(m => m.Owned.Count > 0, cancellationToken);
        }
        catch (GroupException refused) when (kind == ClusterKind.Outside && refused.Code == ErrorCode.GroupIdNotFound)
        {
            Assert.Ignore($"That cluster does not let a group change its protocol while it runs: {refused.Message}");
        }
    }

    private GroupMemberRig Member(string name, GroupProtocol protocol) => new(
        name,
        Kafka,
        new ConsumerOptions
        {
            GroupId = _group,
            Topics = { _topic },
            GroupProtocol = protocol,
            AutoCommitInterval = TimeSpan.FromMilliseconds(100),
        },
        _log);

    /// <summary>Lets the members finish what was stored, ends them, and holds what they did against the law.</summary>
    private async Task EndAsync(GroupLoad load, GroupMemberRig[] members, CancellationToken cancellationToken)
    {
        long stored = await load.EndAsync();
        await members[0].UntilAsync(_ => _log.Finished == stored, cancellationToken);
        await Task.WhenAll(members.Select(m => m.DisposeAsync().AsTask()));
        Assert.That(_log.Breaches, Is.Empty);

        TopicPartition[] all = [.. Enumerable.Range(0, Partitions).Select(p => new TopicPartition(_topic, p))];
        await using Consumer<string, string> outsider = Kafka.CreateConsumer<string, string>(new ConsumerOptions { GroupId = _group });
        IReadOnlyDictionary<TopicPartition, PartitionOffset> committed = await outsider.GetCommittedAsync(all, cancellationToken);
        Assert.That(committed.Values.Sum(c => c.Offset), Is.EqualTo(stored), "all that was finished is committed");
    }
}
