using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Groups.GroupCalls;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>Groups outlive the broker that looks after them.</summary>
internal sealed class CoordinatorTests : ClusterTest
{
    private readonly ManualTime _time = new();
    private RawClient _second = null!;
    private Guid _topic;

    protected override int Brokers => 2;

    protected override TestClusterOptions Options => new() { TimeProvider = _time };

    [SetUp]
    public async Task PrepareAsync()
    {
        _topic = Cluster.CreateTopic(Topic, 4);
        Cluster.MoveCoordinator(Group, 1);
        _second = await RawClient.ConnectAsync(Cluster, 2, Bound);
    }

    [TearDown]
    public void Close() => _second.Dispose();

    [Test]
    public async Task A_consumer_group_goes_on_at_its_new_coordinator()
    {
        await Client.JoinConsumerAsync("a", Topic);
        _time.Advance(TimeSpan.FromSeconds(44));

        Cluster.MoveCoordinator(Group, 2);

        Assert.That(Cluster.Coordinator(Group), Is.EqualTo(2));
        Assert.That((await Client.BeatAsync("a", 1, _topic, null)).ErrorCode, Is.EqualTo(ErrorCode.NotCoordinator));
        Assert.That(await LocateAsync(), Is.EqualTo(2));
        _time.Advance(TimeSpan.FromSeconds(44));
        Assert.That((await _second.BeatAsync("a", 1, _topic, null)).ErrorCode, Is.EqualTo(ErrorCode.None), "its session began anew");
    }

    [Test]
    public async Task A_classic_group_goes_on_with_its_last_generation()
    {
        JoinGroupResponse joined = await JoinAloneAsync();
        using RawClient other = await RawClient.ConnectAsync(Cluster, 1, Bound);
        Task<JoinGroupResponse> waiting = other.JoinClassicAsync(JoiningClassic("", null, Topic));
        while (await Client.BeatClassicAsync(joined) != ErrorCode.RebalanceInProgress)
        {
        }

        Cluster.MoveCoordinator(Group, 2);

        Assert.That((await waiting).ErrorCode, Is.EqualTo(ErrorCode.NotCoordinator));
        Assert.That(await _second.BeatClassicAsync(joined), Is.EqualTo(ErrorCode.None), "the rebalance was never in the log");
        Assert.That((await _second.SyncClassicAsync(joined)).Assignment.ToArray(), Is.EqualTo(Assignment(Topic, 0, 1, 2, 3)));
    }

    [Test]
    public async Task A_group_goes_to_another_broker_when_its_own_stops_and_comes_back_with_it()
    {
        JoinGroupResponse joined = await JoinAloneAsync();
        await Cluster.StopBrokerAsync(1);

        Assert.That(Cluster.Coordinator(Group), Is.EqualTo(2));
        Assert.That(await _second.BeatClassicAsync(joined), Is.EqualTo(ErrorCode.None));
        await Cluster.StartBrokerAsync(1);
        Assert.That(Cluster.Coordinator(Group), Is.EqualTo(1));
        Assert.That(await _second.BeatClassicAsync(joined), Is.EqualTo(ErrorCode.NotCoordinator));
        await Cluster.StopBrokerAsync(1);
        await Cluster.StopBrokerAsync(2);
        Assert.That(Cluster.Coordinator(Group), Is.EqualTo(-1));
    }

    [Test]
    public async Task Several_groups_are_looked_up_at_once()
    {
        FindCoordinatorResponse found = await Client.SendAsync(new FindCoordinatorRequest { CoordinatorKeys = [Group, ""] }, 4, Bound);

        Assert.That(found.Coordinators.Select(entry => (entry.Key, entry.NodeId, entry.ErrorCode)), Is.EqualTo(new[]
        {
            (Group, 1, ErrorCode.None),
            ("", -1, ErrorCode.InvalidGroupId),
        }));
        Assert.That(Enumerable.Range(0, 100).Select(i => Cluster.Coordinator($"group-{i}")).Distinct(), Is.EquivalentTo(new[] { 1, 2 }));
    }

    private async Task<int> LocateAsync() =>
        (await Client.SendAsync(new FindCoordinatorRequest { Key = Group }, 3, Bound)).NodeId;

    private async Task<JoinGroupResponse> JoinAloneAsync()
    {
        JoinGroupResponse joined = await Client.JoinClassicAsync(JoiningClassic("", null, Topic));
        await Client.SyncClassicAsync(joined, (joined.MemberId, Assignment(Topic, 0, 1, 2, 3)));
        return joined;
    }
}
